with

conditions as (
    select * from {{ ref('int_omop__conditions_routed') }}
),

condition_occurrences as (
    select
        event_id as condition_occurrence_id,
        person_id,
        target_concept_id as condition_concept_id,
        start_date as condition_start_date,
        cast(start_date as timestamp) as condition_start_datetime,
        stop_date as condition_end_date,
        cast(stop_date as timestamp) as condition_end_datetime,
        32827 as condition_type_concept_id,
        cast(null as int) as condition_status_concept_id,
        cast(null as string) as stop_reason,
        -- until provider and visit_detail are published
        cast(null as bigint) as provider_id,
        visit_occurrence_id,
        cast(null as bigint) as visit_detail_id,
        source_code as condition_source_value,
        source_concept_id as condition_source_concept_id,
        cast(null as string) as condition_status_source_value
    from conditions
    where target_table = 'condition_occurrence' and person_id is not null
)

select * from condition_occurrences
