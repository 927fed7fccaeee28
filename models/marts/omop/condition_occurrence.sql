with

events as (
    select * from {{ ref('int_omop__events_routed') }}
),

condition_occurrences as (
    select
        event_id as condition_occurrence_id,
        person_id,
        target_concept_id as condition_concept_id,
        start_date as condition_start_date,
        start_at as condition_start_datetime,
        end_date as condition_end_date,
        end_at as condition_end_datetime,
        type_concept_id as condition_type_concept_id,
        cast(null as int) as condition_status_concept_id,
        cast(null as string) as stop_reason,
        provider_id,
        visit_occurrence_id,
        visit_detail_id,
        source_code as condition_source_value,
        source_concept_id as condition_source_concept_id,
        cast(null as string) as condition_status_source_value
    from events
    where target_table = 'condition_occurrence' and person_id is not null
)

select * from condition_occurrences
