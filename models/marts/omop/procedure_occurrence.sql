with

events as (
    select * from {{ ref('int_omop__events_routed') }}
),

procedure_occurrences as (
    select
        event_id as procedure_occurrence_id,
        person_id,
        target_concept_id as procedure_concept_id,
        start_date as procedure_date,
        start_at as procedure_datetime,
        end_date as procedure_end_date,
        end_at as procedure_end_datetime,
        type_concept_id as procedure_type_concept_id,
        cast(null as int) as modifier_concept_id,
        cast(quantity as int) as quantity,
        provider_id,
        visit_occurrence_id,
        visit_detail_id,
        source_code as procedure_source_value,
        source_concept_id as procedure_source_concept_id,
        cast(null as string) as modifier_source_value
    from events
    where target_table = 'procedure_occurrence' and person_id is not null
)

select * from procedure_occurrences
