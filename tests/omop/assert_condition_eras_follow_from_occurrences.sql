-- The eras recomputed in SQL from the published occurrences are the published eras, in both directions.
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
    where condition_concept_id != 0
        and coalesce(condition_end_date, condition_start_date) >= condition_start_date
),

opened as (
    select
        spans.*,
        case
            when start_date <= date_add(
                max(end_date) over (
                    partition by person_id, condition_concept_id
                    order by start_date, end_date, condition_occurrence_id
                    rows between unbounded preceding and 1 preceding
                ), 30
            ) then 0
            else 1
        end as opens_era
    from spans
),

numbered as (
    select
        opened.*,
        sum(opens_era) over (
            partition by person_id, condition_concept_id
            order by start_date, end_date, condition_occurrence_id
            rows between unbounded preceding and current row
        ) as era_number
    from opened
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

(select 'not published' as finding, missing.* from (select * from expected except all select * from published) as missing)
union all
(select 'not expected' as finding, surplus.* from (select * from published except all select * from expected) as surplus)
