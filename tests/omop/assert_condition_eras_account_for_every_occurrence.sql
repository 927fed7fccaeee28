-- Every published occurrence is in an era or counted in era_exclusions.
with

occurrences as (
    select * from {{ ref('condition_occurrence') }}
),

eras as (
    select * from {{ ref('condition_era') }}
),

exclusions as (
    select * from {{ ref('era_exclusions') }}
    where era_table = 'condition_era'
),

counted as (
    select
        (select count(*) from occurrences) as count_occurrences,
        (select coalesce(sum(condition_occurrence_count), 0) from eras) as count_in_eras,
        (select coalesce(sum(count_rows), 0) from exclusions) as count_excluded
)

select *
from counted
where count_occurrences != count_in_eras + count_excluded
