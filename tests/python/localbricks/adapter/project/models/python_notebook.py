from pyspark.sql import functions as F


def model(dbt, session):
    dbt.config(
        materialized="table",
        submission_method="all_purpose_cluster",
        cluster_id="0000-000000-localbricks",
        create_notebook=True,
        packages=["pandas"],
        notebook_scoped_libraries=True,
        timeout=120,
    )
    people = dbt.ref("people_doubled_table")
    return people.withColumn("amount", F.col("amount") + 1)
