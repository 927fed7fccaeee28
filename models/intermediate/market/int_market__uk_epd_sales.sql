{{ config(materialized='view') }}

with

prescribing as (
    select * from {{ ref('stg_uk_epd__prescribing') }}
),

-- a month is published once, so all of its files are one version
summed as (
    select
        period_start_date,
        bnf_code,
        coalesce(pco_code, 'UNKNOWN') as pco_code,
        sum(amount_list_gbp) as amount_list_gbp,
        sum(amount_actual_cost_gbp) as amount_actual_cost_gbp,
        sum(count_items) as count_items,
        sum(quantity_units) as quantity_units,
        count(*) as count_source_rows,
        max(_loaded_at) as loaded_at
    from prescribing
    group by period_start_date, bnf_code, coalesce(pco_code, 'UNKNOWN')
),

sales as (
    select
        'uk_epd' as source_feed,
        period_start_date,
        'month' as period_grain,
        'BNF' as product_code_system,
        bnf_code as product_code,
        pco_code as geography_code,
        'retail' as channel,
        cast(null as string) as file_path,
        cast(null as timestamp) as file_version_at,

        cast(amount_list_gbp as decimal(28, 6)) as amount_list_local,
        cast(amount_actual_cost_gbp as decimal(28, 6)) as amount_actual_cost_local,
        cast(null as decimal(28, 6)) as amount_reimbursed_local,
        cast(null as decimal(28, 6)) as amount_retail_local,
        count_items,
        cast(null as decimal(28, 6)) as count_packs,
        cast(quantity_units as decimal(28, 6)) as quantity_units,
        cast(null as decimal(28, 6)) as quantity_ddd,

        false as is_suppressed,
        count_source_rows,
        loaded_at
    from summed
)

select * from sales
