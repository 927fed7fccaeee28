{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['market_code', 'period_start_date'],
        on_schema_change='fail',
        pre_hook="{{ delete_rows_gone_from(ref('int_market__months_staged'), ['market_code', 'period_start_date']) }}",
        liquid_clustered_by=['market_code', 'period_start_date']
    )
}}

{%- set months = months_to_build(this) %}
{%- set is_in_months = only_months(months) %}

with

sales as (
    select * from {{ ref('int_market__sales_united') }}
    where {{ is_in_months }}
),

prescribing as (
    select
        *,
        'uk_epd' as source_feed
    from {{ ref('stg_uk_epd__prescribing') }}
),

-- months that are new, or whose files or typing are not those the table was built from
months_to_build as (
    {{ months }}
),

areas as (
    select distinct
        source_feed,
        period_start_date,
        geography_code
    from sales
),

-- names and borders change over the years
organisations as (
    select
        source_feed,
        period_start_date,
        coalesce(pco_code, 'UNKNOWN') as geography_code,
        max(pco_name) as geography_name,
        max(regional_office_code) as region_code,
        max_by(regional_office_name, struct(regional_office_code, regional_office_name))
        filter (where regional_office_code is not null) as region_name
    from prescribing
    where {{ is_in_months }}
    group by source_feed, period_start_date, coalesce(pco_code, 'UNKNOWN')
)

select
    months_to_build.market_code,
    months_to_build.period_start_date,
    months_to_build.source_version,
    areas.geography_code,
    organisations.geography_name,
    organisations.region_code,
    organisations.region_name
from areas
inner join months_to_build
    on areas.source_feed = months_to_build.source_feed
        and areas.period_start_date = months_to_build.period_start_date
left join organisations
    on areas.source_feed = organisations.source_feed
        and areas.period_start_date = organisations.period_start_date
        and areas.geography_code = organisations.geography_code
