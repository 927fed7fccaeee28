with

sales as (
    select * from {{ ref('int_market__sales_united') }}
),

prescribing as (
    select * from {{ ref('stg_uk_epd__prescribing') }}
),

danish_population as (
    select * from {{ ref('stg_dk_medstat__population') }}
),

areas as (
    select
        market_code,
        geography_code,
        min(period_start_date) as first_period_date,
        max(period_start_date) as last_period_date
    from sales
    group by market_code, geography_code
),

-- names and borders change over the years: the latest month's stand
organisations as (
    select
        'GB' as market_code,
        coalesce(pco_code, 'UNKNOWN') as geography_code,
        max_by(pco_name, struct(period_start_date, pco_name))
        filter (where pco_name is not null) as geography_name,
        max_by(
            regional_office_code,
            struct(period_start_date, regional_office_code, regional_office_name)
        )
        filter (where regional_office_code is not null) as region_code,
        max_by(
            regional_office_name,
            struct(period_start_date, regional_office_code, regional_office_name)
        )
        filter (where regional_office_code is not null) as region_name
    from prescribing
    group by coalesce(pco_code, 'UNKNOWN')
),

danish_regions as (
    select
        'DK' as market_code,
        region as geography_code,
        max_by(region_name, struct(year, region_name)) as geography_name,
        cast(null as string) as region_code,
        cast(null as string) as region_name
    from danish_population
    group by region
),

names as (
    select * from organisations
    union all
    select * from danish_regions
),

geographies as (
    select
        {{ hash_id('geography', ['areas.market_code', 'areas.geography_code']) }} as geography_id,
        areas.market_code,
        areas.geography_code,
        case
            when areas.market_code = 'GB' then 'primary_care_organisation'
            when areas.market_code in ('US', 'BR') then 'state'
            when
                areas.market_code = 'AU'
                or (areas.market_code = 'DK' and areas.geography_code = '0')
                then 'nation'
            else 'region'
        end as geography_level,
        names.region_code,

        coalesce(names.geography_name, if(areas.market_code = 'GB', null, areas.geography_code))
            as geography_name,
        names.region_name,

        areas.first_period_date,
        areas.last_period_date
    from areas
    left join names
        on areas.market_code = names.market_code and areas.geography_code = names.geography_code
)

select * from geographies
