-- The rows with an unmapped code are those that the accounts count as unmapped.
with

unmapped_codes as (
    select * from {{ ref('unmapped_codes') }}
    where source_column in ('gender', 'encounter_class', 'specialty', 'code')
),

accounts as (
    select * from {{ ref('omop_row_accounts') }}
),

by_code as (
    select
        feed,
        entity,
        sum(count_rows) as count_unmapped
    from unmapped_codes
    group by feed, entity
),

by_file as (
    select
        feed,
        entity,
        sum(count_unmapped) as count_unmapped
    from accounts
    group by feed, entity
)

select
    by_file.feed,
    by_file.entity,
    by_code.count_unmapped as count_by_code,
    by_file.count_unmapped as count_by_file
from by_file
left join by_code
    on
        by_file.feed = by_code.feed
        and by_file.entity = by_code.entity
where coalesce(by_code.count_unmapped, 0) != by_file.count_unmapped
