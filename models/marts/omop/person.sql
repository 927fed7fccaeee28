with

patients as (
    select * from {{ ref('stg_synthea__patients') }}
),

codes as (
    select * from {{ ref('int_vocabulary__codes_mapped') }}
),

mapped as (
    select
        patients.patient_id,
        patients.birth_date,
        patients.gender,
        patients.race,
        patients.ethnicity,
        coalesce(genders.target_concept_id, 0) as gender_concept_id,
        coalesce(races.target_concept_id, 0) as race_concept_id,
        coalesce(ethnicities.target_concept_id, 0) as ethnicity_concept_id
    from patients
    left join codes as genders
        on patients.gender = genders.source_code
            and genders.source_vocabulary_id = 'Synthea gender'
    left join codes as races
        on patients.race = races.source_code
            and races.source_vocabulary_id = 'Synthea race'
    left join codes as ethnicities
        on patients.ethnicity = ethnicities.source_code
            and ethnicities.source_vocabulary_id = 'Synthea ethnicity'
),

persons as (
    select
        {{ hash_id('person', ["'synthea'", 'patient_id']) }} as person_id,
        gender_concept_id,
        year(birth_date) as year_of_birth,
        month(birth_date) as month_of_birth,
        day(birth_date) as day_of_birth,
        cast(birth_date as timestamp) as birth_datetime,
        race_concept_id,
        ethnicity_concept_id,
        -- until location, provider and care_site are published
        cast(null as bigint) as location_id,
        cast(null as bigint) as provider_id,
        cast(null as bigint) as care_site_id,
        patient_id as person_source_value,
        gender as gender_source_value,
        0 as gender_source_concept_id,
        race as race_source_value,
        0 as race_source_concept_id,
        ethnicity as ethnicity_source_value,
        0 as ethnicity_source_concept_id
    from mapped
)

select * from persons
