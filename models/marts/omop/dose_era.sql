with

eras as (
    select * from {{ ref('int_omop__dose_eras_merged') }}
),

dose_eras as (
    select
        dose_era_id,
        person_id,
        drug_concept_id,
        unit_concept_id,
        dose_value,
        dose_era_start_date,
        dose_era_end_date
    from eras
)

select * from dose_eras
