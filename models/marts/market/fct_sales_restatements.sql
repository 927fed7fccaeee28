{%- set series = 'market_code, period_grain, period_start_date, geography_code' %}

with

sales as (
    select * from {{ ref('fct_sales') }}
    where file_version_at is not null
),

versions as (
    select
        {{ series }},
        file_version,
        max(file_version_at) as file_version_at,
        max(is_latest) as is_latest,
        cast(coalesce(sum(amount_local), 0) as decimal(28, 6)) as amount_local,
        cast(coalesce(sum(count_items), 0) as bigint) as count_items,
        cast(coalesce(sum(count_packs), 0) as decimal(28, 6)) as count_packs,
        count_if(is_suppressed) as count_suppressed
    from sales
    group by {{ series }}, file_version
),

-- against the version before, and against what was published first
compared as (
    select
        *,
        first_value(amount_local) over in_order as amount_local_first_published,
        cast(amount_local - lag(amount_local, 1, amount_local) over in_order as decimal(28, 6))
            as amount_local_change,
        cast(count_items - lag(count_items, 1, count_items) over in_order as bigint)
            as count_items_change,
        cast(count_packs - lag(count_packs, 1, count_packs) over in_order as decimal(28, 6))
            as count_packs_change,
        count_suppressed
        - lag(count_suppressed, 1, count_suppressed) over in_order as count_suppressed_change
    from versions
    window in_order as (partition by {{ series }} order by file_version)
)

select
    {{ hash_id('restatement', [
        'market_code', 'period_grain', 'period_start_date', 'geography_code', 'file_version'
    ]) }}
        as restatement_id,
    {{ series }},
    file_version,
    amount_local,
    amount_local_first_published,
    amount_local_change,
    count_items,
    count_items_change,
    count_packs,
    count_packs_change,
    count_suppressed,
    count_suppressed_change,
    is_latest,
    file_version_at
from compared
