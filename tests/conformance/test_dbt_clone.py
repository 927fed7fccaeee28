"""`dbt clone`."""

from conformance.published import adopt

adopt(
    __name__,
    "dbt_clone",
    skipped={
        "BaseCloneNotPossible": "is for databases without clones; Databricks has them",
        "BaseCloneSameSourceAndTarget": "dbt-databricks does not look whether a table is cloned to itself",
    },
)
