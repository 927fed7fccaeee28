with

events as (
    select * from {{ ref('int_omop__events_routed') }}
),

specimens as (
    select
        event_id as specimen_id,
        person_id,
        target_concept_id as specimen_concept_id,
        type_concept_id as specimen_type_concept_id,
        start_date as specimen_date,
        start_at as specimen_datetime,
        cast(quantity as double) as quantity,
        unit_concept_id,
        cast(null as int) as anatomic_site_concept_id,
        cast(null as int) as disease_status_concept_id,
        cast(null as string) as specimen_source_id,
        source_code as specimen_source_value,
        unit_code as unit_source_value,
        cast(null as string) as anatomic_site_source_value,
        cast(null as string) as disease_status_source_value
    from events
    where target_table = 'specimen' and person_id is not null
)

select * from specimens
