with

prescribing as (
    select * from {{ ref('stg_uk_epd__prescribing') }}
),

-- names and borders change over the years: the latest month's stand
organisations as (
    select
        coalesce(pco_code, 'UNKNOWN') as pco_code,
        max_by(pco_name, struct(period_start_date, pco_name))
        filter (where pco_name is not null) as pco_name,
        max_by(
            struct(regional_office_code, regional_office_name),
            struct(period_start_date, regional_office_code, regional_office_name)
        ) filter (where regional_office_code is not null) as region,
        min(period_start_date) as first_period_date,
        max(period_start_date) as last_period_date
    from prescribing
    group by coalesce(pco_code, 'UNKNOWN')
),

geographies as (
    select
        {{ hash_id('geography', ["'GB'", 'pco_code']) }} as geography_id,
        'GB' as market_code,
        organisations.pco_code as geography_code,
        'primary_care_organisation' as geography_level,
        region.regional_office_code as region_code,

        organisations.pco_name as geography_name,
        region.regional_office_name as region_name,

        organisations.first_period_date,
        organisations.last_period_date
    from organisations
)

select * from geographies
