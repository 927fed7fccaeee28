-- Latest less first published is the sum of all restatements, exactly, as the fact has both.
with

sales as (
    select * from {{ ref('fct_sales') }}
    where file_version_at is not null
),

restated as (
    select
        market_code,
        sum(amount_local_change) as amount_change,
        sum(count_items_change) as items_change
    from {{ ref('fct_sales_restatements') }}
    group by market_code
),

differences as (
    select
        market_code,
        coalesce(sum(if(is_latest, amount_local, 0)), 0)
        - coalesce(sum(if(is_first_published, amount_local, 0)), 0) as amount_change,
        coalesce(sum(if(is_latest, count_items, 0)), 0)
        - coalesce(sum(if(is_first_published, count_items, 0)), 0) as items_change
    from sales
    group by market_code
)

select restated.*
from restated
inner join differences on restated.market_code = differences.market_code
where restated.amount_change != differences.amount_change
    or restated.items_change != differences.items_change
