with

prescribing as (
    select * from {{ ref('stg_uk_epd__prescribing') }}
),

-- names change over the years: the latest month's name stands
presentations as (
    select
        bnf_code,
        max_by(bnf_description, struct(period_start_date, bnf_description))
        filter (where bnf_description is not null) as product_name,
        max_by(bnf_chemical_substance_name, struct(period_start_date, bnf_chemical_substance_name))
        filter (where bnf_chemical_substance_name is not null) as substance_name,
        count(distinct bnf_description) as count_names,
        min(period_start_date) as first_period_date,
        max(period_start_date) as last_period_date
    from prescribing
    group by bnf_code
),

-- eleven characters are an appliance, which has no substance and is neither generic nor branded
products as (
    select
        {{ hash_id('product', ["'GB'", "'BNF'", 'bnf_code']) }} as product_id,
        'GB' as market_code,
        'BNF' as product_code_system,
        bnf_code as product_code,
        left(bnf_code, 2) as chapter_code,
        left(bnf_code, 4) as section_code,
        case when length(bnf_code) = 15 then left(bnf_code, 9) end as substance_code,
        cast(null as string) as atc_code,
        'UNMAPPED' as atc_code_missing_reason,

        product_name,
        case when length(bnf_code) = 15 then substance_name end as substance_name,
        cast(null as string) as corporation_name,
        'NOT_REPORTED' as corporation_name_missing_reason,

        count_names,

        length(bnf_code) = 11 as is_appliance,
        case when length(bnf_code) = 15 then substring(bnf_code, 10, 2) = 'AA' end as is_generic,

        first_period_date,
        last_period_date
    from presentations
)

select * from products
