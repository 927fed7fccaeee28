{{ config(materialized='view') }}

with

utilization as (
    select * from {{ ref('stg_us_sdud__utilization') }}
),

-- states alone: the nation's row holds what they suppress
states as (
    select * from utilization
    where size(total_kinds) = 0
),

sales as (
    select
        'us_sdud' as source_feed,
        make_date(year, quarter * 3 - 2, 1) as period_start_date,
        'quarter' as period_grain,
        'NDC' as product_code_system,
        ndc as product_code,
        state as geography_code,
        if(utilization_type = 'FFSU', 'fee_for_service', 'managed_care') as channel,
        _file_path as file_path,
        coalesce(cast(posted_date as timestamp), _file_modified_at) as file_version_at,

        cast(null as decimal(28, 6)) as amount_list_local,
        cast(null as decimal(28, 6)) as amount_actual_cost_local,
        cast(amount_reimbursed_usd as decimal(28, 6)) as amount_reimbursed_local,
        cast(null as decimal(28, 6)) as amount_retail_local,
        cast(count_items as bigint) as count_items,
        cast(null as decimal(28, 6)) as count_packs,
        cast(quantity_units as decimal(28, 6)) as quantity_units,
        cast(null as decimal(28, 6)) as quantity_ddd,

        is_suppressed,
        cast(1 as bigint) as count_source_rows,
        _loaded_at as loaded_at
    from states
)

select * from sales
