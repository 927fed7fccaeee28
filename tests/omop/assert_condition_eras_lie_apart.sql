-- Two eras of one person and concept lie more than 30 days apart.
with

eras as (
    select * from {{ ref('condition_era') }}
),

followed as (
    select
        condition_era_id,
        condition_era_end_date,
        lead(condition_era_start_date) over (
            partition by person_id, condition_concept_id
            order by condition_era_start_date, condition_era_end_date, condition_era_id
        ) as next_start_date
    from eras
)

select *
from followed
where next_start_date <= date_add(condition_era_end_date, 30)
