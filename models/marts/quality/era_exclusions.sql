with

condition_occurrences as (
    select * from {{ ref('condition_occurrence') }}
),

reasons as (
    select
        case
            when condition_concept_id = 0 then 'CONCEPT_ZERO'
            when condition_end_date < condition_start_date then 'END_BEFORE_START'
        end as reason
    from condition_occurrences
),

exclusions as (
    select
        'condition_era' as era_table,
        reason,
        count(*) as count_rows
    from reasons
    where reason is not null
    group by reason
)

select * from exclusions
