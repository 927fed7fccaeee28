{{ config(materialized='view') }}

with

dispensing as (
    select * from {{ ref('stg_br_sngpc__dispensing') }}
),

summed as (
    select
        make_date(year, month, 1) as period_start_date,
        {{ text_code(['active_ingredient', 'presentation', 'unit_name']) }} as product_code,
        state,
        _file_path,
        _file_modified_at,
        sum(count_packs) as count_packs,
        count(*) as count_items,
        max(_loaded_at) as loaded_at
    from dispensing
    group by all
),

sales as (
    select
        'br_sngpc' as source_feed,
        period_start_date,
        'month' as period_grain,
        'SNGPC_TEXT' as product_code_system,
        product_code,
        state as geography_code,
        'retail' as channel,
        _file_path as file_path,
        _file_modified_at as file_version_at,

        cast(null as decimal(28, 6)) as amount_list_local,
        cast(null as decimal(28, 6)) as amount_actual_cost_local,
        cast(null as decimal(28, 6)) as amount_reimbursed_local,
        cast(null as decimal(28, 6)) as amount_retail_local,
        count_items,
        cast(count_packs as decimal(28, 6)) as count_packs,
        cast(null as decimal(28, 6)) as quantity_units,
        cast(null as decimal(28, 6)) as quantity_ddd,

        false as is_suppressed,
        count_items as count_source_rows,
        loaded_at
    from summed
)

select * from sales
