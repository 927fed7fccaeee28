{{ config(materialized='view') }}

with

supply as (
    select * from {{ ref('stg_au_pbs__supply') }}
),

history as (
    select * from {{ ref('int_market__au_pbs_history_unpivoted') }}
    where is_listed
),

-- what patients really paid, and not the ceiling that the file adds up
by_item as (
    select
        period_start_date,
        lpad(item_code, 6, '0') as item_code,
        _file_path,
        coalesce(cast(posted_date as timestamp), _file_modified_at) as file_version_at,
        sum(count_items) as count_items,
        sum(amount_government_aud) as amount_government_aud,
        sum(amount_government_aud + amount_patient_aud) as amount_retail_aud,
        count(*) as count_source_rows,
        max(_loaded_at) as loaded_at
    from supply
    group by
        period_start_date,
        lpad(item_code, 6, '0'),
        _file_path,
        coalesce(cast(posted_date as timestamp), _file_modified_at)
),

-- a month that the sheet leaves empty has no number, which is no zero
by_group as (
    select
        period_start_date,
        atc_code,
        file_path,
        file_modified_at as file_version_at,
        sum(count_items) as count_items,
        sum(amount_government_aud) as amount_government_aud,
        count(*) as count_source_rows,
        max(loaded_at) as loaded_at
    from history
    group by period_start_date, atc_code, file_path, file_modified_at
),

united as (
    select
        period_start_date,
        'PBS_ITEM' as product_code_system,
        item_code as product_code,
        _file_path as file_path,
        file_version_at,
        count_items,
        amount_government_aud,
        amount_retail_aud,
        count_source_rows,
        loaded_at
    from by_item
    union all
    select
        period_start_date,
        'ATC_GROUP' as product_code_system,
        atc_code as product_code,
        file_path,
        file_version_at,
        count_items,
        amount_government_aud,
        cast(null as decimal(28, 2)) as amount_retail_aud,
        count_source_rows,
        loaded_at
    from by_group
),

sales as (
    select
        'au_pbs' as source_feed,
        period_start_date,
        'month' as period_grain,
        product_code_system,
        product_code,
        'AU' as geography_code,
        'retail' as channel,
        file_path,
        file_version_at,

        cast(null as decimal(28, 6)) as amount_list_local,
        cast(null as decimal(28, 6)) as amount_actual_cost_local,
        cast(amount_government_aud as decimal(28, 6)) as amount_reimbursed_local,
        cast(amount_retail_aud as decimal(28, 6)) as amount_retail_local,
        cast(count_items as bigint) as count_items,
        cast(null as decimal(28, 6)) as count_packs,
        cast(null as decimal(28, 6)) as quantity_units,
        cast(null as decimal(28, 6)) as quantity_ddd,

        false as is_suppressed,
        count_source_rows,
        loaded_at
    from united
)

select * from sales
