with

eras as (
    select * from {{ ref('int_omop__drug_eras_merged') }}
),

drug_eras as (
    select
        drug_era_id,
        person_id,
        drug_concept_id,
        drug_era_start_date,
        drug_era_end_date,
        drug_exposure_count,
        gap_days
    from eras
)

select * from drug_eras
