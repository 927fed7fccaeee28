with

areas_seen as (
    select * from {{ ref('int_market__areas_seen') }}
),

danish_population as (
    select * from {{ ref('stg_dk_medstat__population') }}
),

-- names and borders change over the years: the latest month's stand
areas as (
    select
        market_code,
        geography_code,
        max_by(geography_name, period_start_date)
        filter (where geography_name is not null) as geography_name,
        max_by(region_code, period_start_date)
        filter (where region_code is not null) as region_code,
        max_by(region_name, period_start_date)
        filter (where region_code is not null) as region_name,
        min(period_start_date) as first_period_date,
        max(period_start_date) as last_period_date
    from areas_seen
    group by market_code, geography_code
),

danish_regions as (
    select
        'DK' as market_code,
        region as geography_code,
        max_by(region_name, struct(year, region_name)) as geography_name
    from danish_population
    group by region
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
        areas.region_code,

        coalesce(
            areas.geography_name,
            danish_regions.geography_name,
            if(areas.market_code = 'GB', null, areas.geography_code)
        ) as geography_name,
        areas.region_name,

        areas.first_period_date,
        areas.last_period_date
    from areas
    left join danish_regions
        on areas.market_code = danish_regions.market_code
            and areas.geography_code = danish_regions.geography_code
)

select * from geographies
