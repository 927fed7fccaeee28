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

{%- set product_key = [
    'sales.market_code', 'sales.product_code_system', 'sales.product_code', 'products.valid_from_date'
] -%}
{%- set geography_key = ['sales.market_code', 'sales.geography_code'] -%}
{%- set sales_key = [
    'sales.market_code', 'sales.product_code_system', 'sales.product_code', 'sales.source_feed',
    'sales.period_start_date', 'sales.geography_code', 'sales.channel', 'sales.file_version'
] -%}
{%- set reported = [
    'amount_list_local', 'amount_actual_cost_local', 'amount_reimbursed_local', 'amount_retail_local',
    'count_items',
] %}
{%- set rate_columns = {
    'amount_eur': 'eur_per_unit',
    'amount_usd': 'usd_per_unit',
    'amount_eur_constant': 'eur_constant_per_unit',
} %}

{%- set months_current %}
(
    select
        sales.market_code,
        sales.period_start_date,
        sales.source_version
    from {{ this }} as sales
    left join {{ ref('dim_product') }} as products
        on sales.product_id = products.product_id
            and sales.product_mapping_version = products.mapping_version
    group by sales.market_code, sales.period_start_date, sales.source_version
    -- every product is what it was when the month was built
    having count(*) = count(products.product_id)
)
{%- endset %}
{%- set months = months_to_build(months_current) %}

with

sales as (
    select * from {{ ref('int_market__sales_united') }}
    where {{ only_months(months) }}
),

products as (
    select * from {{ ref('dim_product') }}
),

rates as (
    select * from {{ ref('dim_exchange_rate') }}
),

-- months that are new, or whose files, typing or products are not those the table was built from
months_to_build as (
    {{ months }}
),

-- packs and units follow from each other by the pack, doses and standard units from the units
measured as (
    select
        {{ hash_id('sales', sales_key) }} as sales_id,
        products.product_id,
        {{ hash_id('geography', geography_key) }} as geography_id,
        sales.*,
        products.mapping_version as product_mapping_version,
        products.units_per_pack,
        products.standard_units_per_unit,
        products.ddd_per_unit,
        products.ddd_per_unit_missing_reason,
        months_to_build.source_version,
        months_to_build.completeness,
        coalesce(
            sales.count_packs,
            cast(sales.quantity_units / products.units_per_pack as decimal(28, 6))
        ) as packs,
        coalesce(
            sales.quantity_units,
            cast(sales.count_packs * products.units_per_pack as decimal(28, 6))
        ) as units,
        case sales.price_basis
            when 'list' then sales.amount_list_local
            when 'reimbursed' then sales.amount_reimbursed_local
            when 'retail' then coalesce(sales.amount_retail_local, sales.amount_reimbursed_local)
        end as amount_local,
        -- the historic sheet of Australia has the government's cost alone
        if(
            sales.price_basis = 'retail'
            and sales.amount_retail_local is null
            and sales.amount_reimbursed_local is not null,
            'reimbursed',
            sales.price_basis
        ) as amount_price_basis,
        rates.eur_per_unit,
        rates.usd_per_unit,
        rates.eur_constant_per_unit
    from sales
    inner join months_to_build
        on sales.market_code = months_to_build.market_code
            and sales.period_start_date = months_to_build.period_start_date
    inner join products
        on sales.market_code = products.market_code
            and sales.product_code_system = products.product_code_system
            and sales.product_code = products.product_code
            and sales.period_start_date >= products.valid_from_date
            and sales.period_start_date <= coalesce(products.valid_to_date, date '9999-12-31')
    left join rates
        on sales.currency_code = rates.currency_code
            and sales.period_grain = rates.period_grain
            and sales.period_start_date = rates.period_start_date
),

derived as (
    select
        *,
        cast(units * standard_units_per_unit as decimal(28, 6)) as standard_units,
        coalesce(quantity_ddd, cast(units * ddd_per_unit as decimal(28, 6))) as ddds,
        if(is_suppressed, 'SUPPRESSED', 'NOT_REPORTED') as absent_reason,
        case
            when is_suppressed then 'SUPPRESSED'
            when count_packs is null and quantity_units is null then 'NOT_REPORTED'
            else 'UNIT_UNKNOWN'
        end as quantity_reason
    from measured
),

built as (
    select
        sales_id,
        product_id,
        geography_id,

        market_code,
        source_feed,
        period_start_date,
        period_grain,
        geography_code,
        channel,
        currency_code,
        amount_price_basis as price_basis,
        coverage_code,
        completeness,

        {%- for measure in reported %}
        {{ measure }},
        case when {{ measure }} is null then absent_reason end as {{ measure }}_missing_reason,
        {%- endfor %}
        packs as count_packs,
        case when packs is null then quantity_reason end as count_packs_missing_reason,
        units as quantity_units,
        case when units is null then quantity_reason end as quantity_units_missing_reason,
        standard_units as standard_unit_approx,
        case
            when standard_units is null then if(units is null, quantity_reason, 'UNIT_UNKNOWN')
        end as standard_unit_approx_missing_reason,
        ddds as quantity_ddd,
        case
            when ddds is not null then null
            when source_feed = 'dk_medstat' then 'NO_DDD'
            when units is null then quantity_reason
            else ddd_per_unit_missing_reason
        end as quantity_ddd_missing_reason,
        amount_local,
        case when amount_local is null then absent_reason end as amount_local_missing_reason,
        {%- for name, rate in rate_columns.items() %}
        cast(amount_local * {{ rate }} as decimal(28, 6)) as {{ name }},
        case
            when amount_local is null then absent_reason
            when {{ rate }} is null then 'NO_RATE'
        end as {{ name }}_missing_reason,
        {%- endfor %}

        is_suppressed,
        count_packs is null and packs is not null as is_packs_derived,
        is_first_published,
        is_latest,
        cast(file_version as int) as file_version,
        count_source_rows,

        file_version_at,
        loaded_at,
        product_mapping_version,
        source_version
    from derived
)

select * from built
