{%- set posted = 'coalesce(cast(posted_date as timestamp), _file_modified_at)' %}

with

sales as (
    select * from {{ ref('fct_sales') }}
    where is_latest and source_feed = 'us_sdud'
),

products as (
    select * from {{ ref('dim_product') }}
),

utilization as (
    select * from {{ ref('stg_us_sdud__utilization') }}
),

-- the nation's row of the last post: it holds what the states hide
nation as (
    select
        ndc as product_code,
        make_date(year, quarter * 3 - 2, 1) as period_start_date,
        if(utilization_type = 'FFSU', 'fee_for_service', 'managed_care') as channel,
        max_by(is_suppressed, struct({{ posted }}, _file_path)) as is_suppressed,
        max_by(count_items, struct({{ posted }}, _file_path)) as count_items,
        max_by(quantity_units, struct({{ posted }}, _file_path)) as quantity_units,
        max_by(amount_reimbursed_usd, struct({{ posted }}, _file_path)) as amount_reimbursed_usd
    from utilization
    where array_contains(total_kinds, 'NATION')
    group by all
),

visible as (
    select
        sales.product_id,
        products.product_code,
        sales.market_code,
        sales.period_start_date,
        sales.period_grain,
        sales.channel,
        count_if(sales.is_suppressed) as count_suppressed,
        coalesce(sum(sales.count_items), 0) as count_items,
        coalesce(sum(sales.quantity_units), 0) as quantity_units,
        coalesce(sum(sales.amount_local), 0) as amount_local
    from sales
    inner join products on sales.product_id = products.product_id
    group by
        sales.product_id,
        products.product_code,
        sales.market_code,
        sales.period_start_date,
        sales.period_grain,
        sales.channel
    having count_if(sales.is_suppressed) > 0
),

-- at least one prescription a hidden row; at most what the nation's row leaves
bounded as (
    select
        {{ hash_id(
            'suppressed_sales', ['visible.product_id', 'visible.period_start_date', 'visible.channel']
        ) }} as suppressed_sales_id,
        visible.product_id,
        visible.market_code,
        visible.period_start_date,
        visible.period_grain,
        visible.channel,
        visible.count_suppressed,
        case
            when nation.product_code is null then 'NONE'
            when nation.is_suppressed then 'NATION_SUPPRESSED'
            else 'NATION'
        end as bound_basis,
        visible.count_suppressed as hidden_items_low,
        case
            when nation.is_suppressed then cast(10 - visible.count_items as bigint)
            else cast(nation.count_items - visible.count_items as bigint)
        end as hidden_items_high,
        cast(nation.quantity_units - visible.quantity_units as decimal(28, 6))
            as hidden_units_high,
        cast(nation.amount_reimbursed_usd - visible.amount_local as decimal(28, 6))
            as hidden_amount_high
    from visible
    left join nation
        on visible.product_code = nation.product_code
            and visible.period_start_date = nation.period_start_date
            and visible.channel = nation.channel
)

select * from bounded
