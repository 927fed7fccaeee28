"""The catalog: what Unity Catalog knows of schemas, tables and columns, from Spark's catalog and a store of our own."""
