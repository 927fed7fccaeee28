{%- set address = ['address', 'city', 'state', 'cast(null as string)', 'zip'] %}

with

organizations as (
    select * from {{ ref('stg_synthea__organizations') }}
),

care_sites as (
    select
        {{ hash_id('care_site', ["'synthea'", 'organization_id']) }} as care_site_id,
        organization_name as care_site_name,
        0 as place_of_service_concept_id,
        {{ hash_id('location', address) }} as location_id,
        organization_id as care_site_source_value,
        cast(null as string) as place_of_service_source_value
    from organizations
)

select * from care_sites
