with

clinicians as (
    select * from {{ ref('stg_synthea__providers') }}
),

organizations as (
    select * from {{ ref('stg_synthea__organizations') }}
),

codes as (
    select * from {{ ref('int_vocabulary__codes_mapped') }}
),

providers as (
    select
        {{ hash_id('provider', ["'synthea'", 'clinicians.provider_id']) }} as provider_id,
        clinicians.provider_name,
        cast(null as string) as npi,
        cast(null as string) as dea,
        coalesce(specialties.target_concept_id, 0) as specialty_concept_id,
        case
            when organizations.organization_id is not null
                then {{ hash_id('care_site', ["'synthea'", 'organizations.organization_id']) }}
        end as care_site_id,
        cast(null as int) as year_of_birth,
        coalesce(genders.target_concept_id, 0) as gender_concept_id,
        clinicians.provider_id as provider_source_value,
        clinicians.specialty as specialty_source_value,
        0 as specialty_source_concept_id,
        clinicians.gender as gender_source_value,
        0 as gender_source_concept_id
    from clinicians
    left join organizations on clinicians.organization_id = organizations.organization_id
    left join codes as specialties
        on clinicians.specialty = specialties.source_code
            and specialties.source_vocabulary_id = 'Synthea specialty'
    left join codes as genders
        on clinicians.gender = genders.source_code
            and genders.source_vocabulary_id = 'Synthea gender'
)

select * from providers
