with

events as (
    select * from {{ ref('int_omop__events_routed') }}
),

-- a value that is no number is text
observations as (
    select
        event_id as observation_id,
        person_id,
        target_concept_id as observation_concept_id,
        start_date as observation_date,
        start_at as observation_datetime,
        type_concept_id as observation_type_concept_id,
        value_number as value_as_number,
        case when value_number is null then value_text end as value_as_string,
        cast(null as int) as value_as_concept_id,
        cast(null as int) as qualifier_concept_id,
        unit_concept_id,
        provider_id,
        visit_occurrence_id,
        visit_detail_id,
        source_code as observation_source_value,
        source_concept_id as observation_source_concept_id,
        unit_code as unit_source_value,
        qualifier_text as qualifier_source_value,
        value_text as value_source_value,
        cast(null as bigint) as observation_event_id,
        cast(null as int) as obs_event_field_concept_id
    from events
    where target_table = 'observation' and person_id is not null
)

select * from observations
