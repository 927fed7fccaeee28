with

encounters_stitched as (
    select * from {{ ref('int_omop__encounters_stitched') }}
),

encounters as (
    select * from {{ ref('stg_synthea__encounters') }}
),

providers as (
    select * from {{ ref('stg_synthea__providers') }}
),

organizations as (
    select * from {{ ref('stg_synthea__organizations') }}
),

-- a clinician or an organization that no file describes is nobody one could look up
visit_details as (
    select
        {{ hash_id('visit_detail', ["'synthea'", 'encounters_stitched.encounter_id']) }}
            as visit_detail_id,
        encounters_stitched.visit_occurrence_id,
        encounters_stitched.person_id,
        encounters_stitched.encounter_id,
        case
            when providers.provider_id is not null
                then {{ hash_id('provider', ["'synthea'", 'providers.provider_id']) }}
        end as provider_id,
        case
            when organizations.organization_id is not null
                then {{ hash_id('care_site', ["'synthea'", 'organizations.organization_id']) }}
        end as care_site_id,

        encounters_stitched.encounter_class,
        encounters_stitched.encounter_code,
        encounters.reason_code,

        encounters.total_claim_cost_usd,
        encounters.payer_coverage_usd,

        encounters_stitched.is_lead,

        encounters_stitched.start_at,
        encounters_stitched.end_at
    from encounters_stitched
    inner join encounters on encounters_stitched.encounter_id = encounters.encounter_id
    left join providers on encounters.provider_id = providers.provider_id
    left join organizations on encounters.organization_id = organizations.organization_id
)

select * from visit_details
