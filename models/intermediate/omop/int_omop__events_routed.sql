{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='patient_id',
        on_schema_change='fail',
        pre_hook="{{ delete_rows_gone_from(ref('int_omop__event_versions'), ['patient_id']) }}",
        liquid_clustered_by=['target_table', 'person_id']
    )
}}

with

events as (
    select * from {{ ref('int_omop__events_united') }}
),

persons as (
    select * from {{ ref('int_omop__persons_mapped') }}
),

visit_details as (
    select * from {{ ref('int_omop__visit_details_mapped') }}
),

codes as (
    select * from {{ ref('int_vocabulary__codes_mapped') }}
),

event_versions as (
    select * from {{ ref('int_omop__event_versions') }}
),

-- patients that are new, or whose events, visits or codes are not those the table was built from
patients_to_build as (
    select
        event_versions.patient_id,
        event_versions.source_version
    from event_versions
    {% if is_incremental() -%}
    left anti join {{ this }} as built
        on event_versions.patient_id = built.patient_id
            and event_versions.source_version = built.source_version
    {%- endif %}
),

-- one row per event and standard concept; a code without one keeps its row, with concept 0
mapped as (
    select
        events.*,
        patients_to_build.source_version,
        persons.person_id,
        visit_details.visit_occurrence_id,
        visit_details.visit_detail_id,
        visit_details.provider_id,
        coalesce(codes.source_concept_id, 0) as source_concept_id,
        coalesce(codes.target_concept_id, 0) as target_concept_id,
        codes.target_domain_id,
        case
            when events.unit_code is not null then coalesce(units.target_concept_id, 0)
        end as unit_concept_id
    from events
    inner join patients_to_build on events.patient_id = patients_to_build.patient_id
    left join persons on events.patient_id = persons.patient_id
    left join visit_details
        on events.encounter_id = visit_details.encounter_id
            and persons.person_id = visit_details.person_id
    left join codes
        on events.source_vocabulary_id = codes.source_vocabulary_id
            and events.source_code = codes.source_code
    left join codes as units
        on events.unit_code = units.source_code
            and units.source_vocabulary_id = 'UCUM'
    where events.is_lead
),

routed as (
    select
        {{ hash_id('event', ['source_row_id', 'target_concept_id']) }} as event_id,
        source_row_id,
        patient_id,
        person_id,
        visit_occurrence_id,
        visit_detail_id,
        provider_id,

        entity,
        default_table,
        -- being allergic to a substance is no exposure to it
        case
            when
                entity = 'allergies'
                and coalesce(target_domain_id, 'Observation') not in ('Condition', 'Observation')
                then 'observation'
            else {{ omop_table_of_domain('target_domain_id', 'default_table') }}
        end as target_table,
        type_concept_id,
        source_vocabulary_id,
        source_code,
        source_text,
        source_concept_id,
        target_concept_id,
        target_domain_id,
        reason_code,

        value_number,
        value_text,
        unit_code,
        unit_concept_id,
        qualifier_text,
        quantity,
        count_refills,
        days_supply,
        unique_device_id,
        cost_usd,
        payer_coverage_usd,

        cast(start_at as date) as start_date,
        start_at,
        cast(end_at as date) as end_date,
        end_at,

        source_version,
        _file_path,
        _row_position
    from mapped
)

select * from routed
