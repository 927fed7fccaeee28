with

events as (
    select * from {{ ref('int_omop__events_routed') }}
),

device_exposures as (
    select
        event_id as device_exposure_id,
        person_id,
        target_concept_id as device_concept_id,
        start_date as device_exposure_start_date,
        start_at as device_exposure_start_datetime,
        end_date as device_exposure_end_date,
        end_at as device_exposure_end_datetime,
        type_concept_id as device_type_concept_id,
        unique_device_id,
        cast(null as string) as production_id,
        cast(quantity as int) as quantity,
        provider_id,
        visit_occurrence_id,
        visit_detail_id,
        source_code as device_source_value,
        source_concept_id as device_source_concept_id,
        unit_concept_id,
        unit_code as unit_source_value,
        cast(null as int) as unit_source_concept_id
    from events
    where target_table = 'device_exposure' and person_id is not null
)

select * from device_exposures
