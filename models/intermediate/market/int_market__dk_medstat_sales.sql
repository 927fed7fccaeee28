{{ config(materialized='view') }}

with

medstat as (
    select * from {{ ref('stg_dk_medstat__sales') }}
),

code_groups as (
    select * from {{ ref('stg_dk_medstat__groups') }}
),

units as (
    select
        atc_code,
        max_by(unit_name, struct(_file_modified_at, language_code, unit_name)) as unit_name
    from code_groups
    group by atc_code
),

-- substances, at one level of sector, region, sex and age
leaves as (
    select * from medstat
    where size(total_kinds) = 0
),

summed as (
    select
        leaves.year,
        leaves.atc_code,
        leaves.region,
        if(leaves.sector in ('0', '100'), 'retail', 'hospital') as channel,
        leaves._file_path,
        leaves._file_modified_at,
        max(units.unit_name) as unit_name,
        sum(leaves.turnover_thousand_dkk) * 1000 as amount_retail_dkk,
        sum(leaves.quantity_thousand_units) * 1000 as quantity_units,
        count(*) as count_source_rows,
        max(leaves._loaded_at) as loaded_at
    from leaves
    left join units on leaves.atc_code = units.atc_code
    group by
        leaves.year,
        leaves.atc_code,
        leaves.region,
        if(leaves.sector in ('0', '100'), 'retail', 'hospital'),
        leaves._file_path, leaves._file_modified_at
),

-- the unit of a quantity is said by the code's group
sales as (
    select
        'dk_medstat' as source_feed,
        make_date(year, 1, 1) as period_start_date,
        'year' as period_grain,
        'ATC' as product_code_system,
        atc_code as product_code,
        region as geography_code,
        channel,
        _file_path as file_path,
        _file_modified_at as file_version_at,

        cast(null as decimal(28, 6)) as amount_list_local,
        cast(null as decimal(28, 6)) as amount_actual_cost_local,
        cast(null as decimal(28, 6)) as amount_reimbursed_local,
        cast(amount_retail_dkk as decimal(28, 6)) as amount_retail_local,
        cast(null as bigint) as count_items,
        cast(if(unit_name = 'Packages', quantity_units, null) as decimal(28, 6)) as count_packs,
        cast(null as decimal(28, 6)) as quantity_units,
        cast(if(unit_name = 'DDD', quantity_units, null) as decimal(28, 6)) as quantity_ddd,

        false as is_suppressed,
        count_source_rows,
        loaded_at
    from summed
)

select * from sales
