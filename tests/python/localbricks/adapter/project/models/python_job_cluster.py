from pyspark.sql import functions as F


def model(dbt, session):
    dbt.config(
        materialized="table",
        submission_method="job_cluster",
        job_cluster_config={"spark_version": "18.0.x-scala2.13", "node_type_id": "local", "num_workers": 0},
        packages=["pandas>=1", "pyarrow"],
    )
    people = dbt.ref("people_doubled_table")
    return people.withColumn("amount", F.col("amount") + 1)
