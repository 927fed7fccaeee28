with

periods as (
    select * from {{ ref('int_omop__observation_periods_merged') }}
),

observation_periods as (
    select
        observation_period_id,
        person_id,
        observation_period_start_date,
        observation_period_end_date,
        32882 as period_type_concept_id
    from periods
)

select * from observation_periods
