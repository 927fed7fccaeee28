{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['market_code', 'period_start_date'],
        on_schema_change='fail',
        pre_hook="{{ delete_rows_gone_from(ref('int_market__months_staged'), ['market_code', 'period_start_date']) }}",
        liquid_clustered_by=['market_code', 'period_start_date']
    )
}}

{%- set product_key = ['sales.market_code', 'sales.product_code_system', 'sales.product_code'] -%}
{%- set geography_key = ['sales.market_code', 'sales.geography_code'] -%}
{%- set sales_key = product_key + [
    'sales.source_feed', 'sales.period_start_date', 'sales.geography_code', 'sales.channel'
] -%}

with

sales as (
    select * from {{ ref('int_market__uk_epd_sales') }}
),

months_staged as (
    select * from {{ ref('int_market__months_staged') }}
),

{% if is_incremental() -%}
months_built as (
    select distinct
        market_code,
        period_start_date,
        source_version
    from {{ this }}
),
{%- endif %}

-- months that are new, or whose files or typing are not those the table was built from
months_to_build as (
    select
        months_staged.market_code,
        months_staged.period_start_date,
        months_staged.source_version
    from months_staged
    {% if is_incremental() -%}
    left anti join months_built
        on months_staged.market_code = months_built.market_code
            and months_staged.period_start_date = months_built.period_start_date
            and months_staged.source_version = months_built.source_version
    {%- endif %}
),

built as (
    select
        {{ hash_id('sales', sales_key) }} as sales_id,
        {{ hash_id('product', product_key) }} as product_id,
        {{ hash_id('geography', geography_key) }} as geography_id,

        sales.market_code,
        sales.source_feed,
        sales.period_start_date,
        sales.period_grain,
        sales.geography_code,
        sales.channel,
        sales.currency_code,

        sales.amount_list_local,
        sales.amount_list_local_missing_reason,
        sales.amount_actual_cost_local,
        sales.amount_actual_cost_local_missing_reason,
        sales.amount_reimbursed_local,
        sales.amount_reimbursed_local_missing_reason,
        sales.amount_retail_local,
        sales.amount_retail_local_missing_reason,
        sales.count_items,
        sales.count_items_missing_reason,
        sales.count_packs,
        sales.count_packs_missing_reason,
        sales.quantity_units,
        sales.quantity_units_missing_reason,
        sales.quantity_ddd,
        sales.quantity_ddd_missing_reason,

        sales.is_suppressed,
        sales.count_source_rows,

        sales.loaded_at,
        months_to_build.source_version
    from sales
    inner join months_to_build
        on sales.market_code = months_to_build.market_code
            and sales.period_start_date = months_to_build.period_start_date
)

select * from built
