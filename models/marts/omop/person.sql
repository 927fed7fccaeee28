with

persons_mapped as (
    select * from {{ ref('int_omop__persons_mapped') }}
),

persons as (
    select
        person_id,
        gender_concept_id,
        year(birth_date) as year_of_birth,
        month(birth_date) as month_of_birth,
        day(birth_date) as day_of_birth,
        cast(birth_date as timestamp) as birth_datetime,
        race_concept_id,
        ethnicity_concept_id,
        location_id,
        -- the source names no family doctor
        cast(null as bigint) as provider_id,
        cast(null as bigint) as care_site_id,
        patient_id as person_source_value,
        gender as gender_source_value,
        0 as gender_source_concept_id,
        race as race_source_value,
        0 as race_source_concept_id,
        ethnicity as ethnicity_source_value,
        0 as ethnicity_source_concept_id
    from persons_mapped
)

select * from persons
