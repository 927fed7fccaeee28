with

patients as (
    select * from {{ ref('stg_synthea__patients') }}
),

codes as (
    select * from {{ ref('int_vocabulary__codes_mapped') }}
),

mapped as (
    select
        {{ hash_id('person', ["'synthea'", 'patients.patient_id']) }} as person_id,
        patients.patient_id,
        {{ hash_id('location', [
            'cast(null as string)', 'patients.city', 'patients.state', 'patients.county', 'patients.zip'
        ]) }} as location_id,

        coalesce(genders.target_concept_id, 0) as gender_concept_id,
        coalesce(races.target_concept_id, 0) as race_concept_id,
        coalesce(ethnicities.target_concept_id, 0) as ethnicity_concept_id,
        patients.gender,
        patients.race,
        patients.ethnicity,
        patients.city,
        patients.state,
        patients.county,
        patients.zip,

        patients.birth_date,
        patients.death_date
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
)

select * from mapped
