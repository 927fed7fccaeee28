def model(dbt, session):
    dbt.config(
        materialized="incremental",
        incremental_strategy="merge",
        unique_key="id",
        submission_method="all_purpose_cluster",
        cluster_id="0000-000000-localbricks",
    )
    people = dbt.ref("people_now").select("id", "amount")
    if dbt.is_incremental:
        people = people.where("id > 1")
    return people
