{%- set address = ['address', 'city', 'state', 'county', 'zip'] %}

with

persons as (
    select * from {{ ref('int_omop__persons_mapped') }}
),

organizations as (
    select * from {{ ref('stg_synthea__organizations') }}
),

-- where persons live, without the street, and where organizations are
addresses as (
    select
        cast(null as string) as address,
        city,
        state,
        county,
        zip,
        cast(null as double) as latitude,
        cast(null as double) as longitude
    from persons
    union all
    select
        address,
        city,
        state,
        cast(null as string) as county,
        zip,
        cast(latitude as double) as latitude,
        cast(longitude as double) as longitude
    from organizations
),

locations as (
    select
        {{ hash_id('location', address) }} as location_id,
        address as address_1,
        cast(null as string) as address_2,
        city,
        case when length(state) = 2 then state end as state,  -- noqa: RF04
        zip,
        county,
        concat_ws(', ', address, city, state, county, zip) as location_source_value,
        cast(null as int) as country_concept_id,
        cast(null as string) as country_source_value,
        min(latitude) as latitude,
        min(longitude) as longitude
    from addresses
    group by address, city, state, county, zip
)

select * from locations
