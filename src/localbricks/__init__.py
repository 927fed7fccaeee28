"""A local Databricks workspace for dbt, on Apache Spark and Delta Lake.

The unmodified dbt-databricks adapter, the Databricks SQL connector and the Databricks SDK talk to it
as they talk to a workspace. It knows nothing of what is built on it.
"""

__version__ = "0.1.0"
