with

eras as (
    select * from {{ ref('int_omop__condition_eras_merged') }}
),

condition_eras as (
    select
        condition_era_id,
        person_id,
        condition_concept_id,
        condition_era_start_date,
        condition_era_end_date,
        condition_occurrence_count
    from eras
)

select * from condition_eras
