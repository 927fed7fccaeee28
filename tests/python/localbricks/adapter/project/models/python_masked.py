def model(dbt, session):
    dbt.config(materialized="table", submission_method="all_purpose_cluster", cluster_id="0000-000000-localbricks")
    return dbt.ref("people_masked").select("id", "name")
