{{ config(materialized='view') }}

with

sales as (
    {%- for feed in market_feeds() %}
    select * from {{ ref('int_market__' ~ feed ~ '_sales') }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

markets as (
    select * from {{ ref('markets') }}
),

-- files that hold a period of an area, in the order they were published
versioned as (
    select
        *,
        dense_rank() over (
            partition by source_feed, product_code_system, period_start_date, geography_code
            order by file_version_at, file_path
        ) as file_version
    from sales
),

united as (
    select
        markets.market_code,
        markets.currency_code,
        markets.price_basis,
        markets.coverage_code,
        versioned.source_feed,
        versioned.period_start_date,
        versioned.period_grain,
        versioned.product_code_system,
        versioned.product_code,
        versioned.geography_code,
        versioned.channel,
        versioned.file_path,
        versioned.file_version_at,
        versioned.amount_list_local,
        versioned.amount_actual_cost_local,
        versioned.amount_reimbursed_local,
        versioned.amount_retail_local,
        versioned.count_items,
        versioned.count_packs,
        versioned.quantity_units,
        versioned.quantity_ddd,
        versioned.is_suppressed,
        versioned.count_source_rows,
        versioned.loaded_at,
        versioned.file_version,
        versioned.file_version = 1 as is_first_published,
        versioned.file_version = max(versioned.file_version) over (
            partition by
                versioned.source_feed,
                versioned.product_code_system,
                versioned.period_start_date,
                versioned.geography_code
        ) as is_latest
    from versioned
    inner join markets on versioned.source_feed = markets.source_feed
)

-- the columns are those of the feeds' models, which have one contract
select * from united  -- noqa: AM04
