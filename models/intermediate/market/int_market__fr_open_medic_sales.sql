{{ config(materialized='view') }}

with

dispensing as (
    select * from {{ ref('stg_fr_open_medic__dispensing') }}
),

-- reversals are negative rows, and net here
summed as (
    select
        year,
        cip13,
        patient_region,
        _file_path,
        _file_modified_at,
        sum(count_packs) as count_packs,
        sum(amount_reimbursed_eur) as amount_reimbursed_eur,
        sum(amount_list_eur) as amount_list_eur,
        count(*) as count_source_rows,
        max(_loaded_at) as loaded_at
    from dispensing
    group by year, cip13, patient_region, _file_path, _file_modified_at
),

sales as (
    select
        'fr_open_medic' as source_feed,
        make_date(year, 1, 1) as period_start_date,
        'year' as period_grain,
        'CIP13' as product_code_system,
        cip13 as product_code,
        patient_region as geography_code,
        'retail' as channel,
        _file_path as file_path,
        _file_modified_at as file_version_at,

        cast(amount_list_eur as decimal(28, 6)) as amount_list_local,
        cast(null as decimal(28, 6)) as amount_actual_cost_local,
        cast(amount_reimbursed_eur as decimal(28, 6)) as amount_reimbursed_local,
        cast(null as decimal(28, 6)) as amount_retail_local,
        cast(null as bigint) as count_items,
        cast(count_packs as decimal(28, 6)) as count_packs,
        cast(null as decimal(28, 6)) as quantity_units,
        cast(null as decimal(28, 6)) as quantity_ddd,

        false as is_suppressed,
        count_source_rows,
        loaded_at
    from summed
)

select * from sales
