with

events as (
    select * from {{ ref('int_omop__events_routed') }}
),

-- a prescription without an end is known to last its first day only
drug_exposures as (
    select
        event_id as drug_exposure_id,
        person_id,
        target_concept_id as drug_concept_id,
        start_date as drug_exposure_start_date,
        start_at as drug_exposure_start_datetime,
        coalesce(end_date, start_date) as drug_exposure_end_date,
        coalesce(end_at, start_at) as drug_exposure_end_datetime,
        end_date as verbatim_end_date,
        type_concept_id as drug_type_concept_id,
        cast(null as string) as stop_reason,
        count_refills as refills,
        cast(quantity as double) as quantity,
        days_supply,
        cast(null as string) as sig,
        cast(null as int) as route_concept_id,
        cast(null as string) as lot_number,
        provider_id,
        visit_occurrence_id,
        visit_detail_id,
        source_code as drug_source_value,
        source_concept_id as drug_source_concept_id,
        cast(null as string) as route_source_value,
        cast(null as string) as dose_unit_source_value
    from events
    where target_table = 'drug_exposure' and person_id is not null
)

select * from drug_exposures
