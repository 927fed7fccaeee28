"""dbt's published adapter tests (`dbt-tests-adapter`), on localbricks, with the expectations that Databricks' adapter has."""
