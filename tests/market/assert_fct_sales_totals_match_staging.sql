-- Rows, items and exact amounts of every month are those of the staged rows, in both directions.
with

prescribing as (
    select * from {{ ref('stg_uk_epd__prescribing') }}
),

sales as (
    select * from {{ ref('fct_sales') }}
    where source_feed = 'uk_epd'
),

staged as (
    select
        period_start_date,
        count(*) as count_source_rows,
        sum(count_items) as count_items,
        sum(quantity_units) as quantity_units,
        sum(amount_list_gbp) as amount_list,
        sum(amount_actual_cost_gbp) as amount_actual_cost
    from prescribing
    group by period_start_date
),

published as (
    select
        period_start_date,
        sum(count_source_rows) as count_source_rows,
        sum(count_items) as count_items,
        sum(quantity_units) as quantity_units,
        sum(amount_list_local) as amount_list,
        sum(amount_actual_cost_local) as amount_actual_cost
    from sales
    group by period_start_date
)

select
    coalesce(staged.period_start_date, published.period_start_date) as period_start_date,
    staged.count_source_rows as count_rows_staged,
    published.count_source_rows as count_rows_published
from staged
full outer join published on staged.period_start_date = published.period_start_date
where staged.count_source_rows is distinct from published.count_source_rows
    or staged.count_items is distinct from published.count_items
    or staged.quantity_units is distinct from published.quantity_units
    or staged.amount_list is distinct from published.amount_list
    or staged.amount_actual_cost is distinct from published.amount_actual_cost
