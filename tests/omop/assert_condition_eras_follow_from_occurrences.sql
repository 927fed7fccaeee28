-- The eras recomputed in SQL from the published occurrences are the published eras.
with

occurrences as (
    select * from {{ ref('condition_occurrence') }}
),

eras as (
    select * from {{ ref('condition_era') }}
),

spans as (
    select
        person_id,
        condition_concept_id,
        condition_occurrence_id,
        condition_start_date as start_date,
        coalesce(condition_end_date, date_add(condition_start_date, 1)) as end_date
    from occurrences
    where
        condition_concept_id != 0
        and coalesce(condition_end_date, condition_start_date) >= condition_start_date
),

covered as (
    select
        person_id,
        condition_concept_id,
        condition_occurrence_id,
        start_date,
        end_date,
        max(end_date) over (
            partition by person_id, condition_concept_id
            order by start_date, end_date, condition_occurrence_id
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from spans
),

numbered as (
    select
        person_id,
        condition_concept_id,
        start_date,
        end_date,
        count_if(covered_until is null or datediff(start_date, covered_until) > 30) over (
            partition by person_id, condition_concept_id
            order by start_date, end_date, condition_occurrence_id
            rows between unbounded preceding and current row
        ) as era_number
    from covered
),

expected as (
    select
        person_id,
        condition_concept_id,
        min(start_date) as start_date,
        max(end_date) as end_date,
        count(*) as count_occurrences
    from numbered
    group by person_id, condition_concept_id, era_number
),

published as (
    select
        person_id,
        condition_concept_id,
        condition_era_start_date as start_date,
        condition_era_end_date as end_date,
        condition_occurrence_count as count_occurrences
    from eras
)

select
    coalesce(expected.person_id, published.person_id) as person_id,
    coalesce(expected.condition_concept_id, published.condition_concept_id) as condition_concept_id,
    coalesce(expected.start_date, published.start_date) as start_date,
    expected.end_date as end_date_expected,
    published.end_date as end_date_published
from expected
full outer join published
    on
        expected.person_id = published.person_id
        and expected.condition_concept_id = published.condition_concept_id
        and expected.start_date = published.start_date
where
    expected.end_date is distinct from published.end_date
    or expected.count_occurrences is distinct from published.count_occurrences
