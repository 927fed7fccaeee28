-- Every published occurrence is in an era or counted in era_exclusions.
with

counted as (
    select
        (select count(*) from {{ ref('condition_occurrence') }}) as count_occurrences,
        (select coalesce(sum(condition_occurrence_count), 0) from {{ ref('condition_era') }})
            as count_in_eras,
        (
            select coalesce(sum(count_rows), 0) from {{ ref('era_exclusions') }}
            where era_table = 'condition_era'
        ) as count_excluded
)

select *
from counted
where count_occurrences != count_in_eras + count_excluded
