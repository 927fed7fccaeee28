with

events as (
    select * from {{ ref('int_omop__events_routed') }}
),

measurements as (
    select
        event_id as measurement_id,
        person_id,
        target_concept_id as measurement_concept_id,
        start_date as measurement_date,
        start_at as measurement_datetime,
        date_format(start_at, 'HH:mm:ss') as measurement_time,
        type_concept_id as measurement_type_concept_id,
        cast(null as int) as operator_concept_id,
        value_number as value_as_number,
        cast(null as int) as value_as_concept_id,
        unit_concept_id,
        cast(null as double) as range_low,
        cast(null as double) as range_high,
        provider_id,
        visit_occurrence_id,
        visit_detail_id,
        source_code as measurement_source_value,
        source_concept_id as measurement_source_concept_id,
        unit_code as unit_source_value,
        cast(null as int) as unit_source_concept_id,
        value_text as value_source_value,
        cast(null as bigint) as measurement_event_id,
        cast(null as int) as meas_event_field_concept_id
    from events
    where target_table = 'measurement' and person_id is not null
)

select * from measurements
