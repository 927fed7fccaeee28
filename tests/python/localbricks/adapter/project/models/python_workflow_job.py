from pyspark.sql import functions as F


def model(dbt, session):
    dbt.config(
        materialized="incremental",
        incremental_strategy="merge",
        unique_key="id",
        submission_method="workflow_job",
        cluster_id="0000-000000-localbricks",
    )
    people = dbt.ref("people_now").select("id", "amount")
    if dbt.is_incremental:
        people = people.where("id > 1")
    return people.withColumn("amount", F.col("amount") + 1)
