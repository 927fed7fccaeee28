from pyspark.sql import functions as F


def model(dbt, session):
    dbt.config(
        materialized="table",
        submission_method="all_purpose_cluster",
        cluster_id="0000-000000-localbricks",
        liquid_clustered_by=["id"],
    )
    people = dbt.ref("people_doubled_table")
    return people.withColumn("amount", F.col("amount") + 1)
