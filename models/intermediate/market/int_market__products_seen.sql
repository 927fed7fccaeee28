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

with

prescribing as (
    select * from {{ ref('stg_uk_epd__prescribing') }}
),

utilization as (
    select * from {{ ref('stg_us_sdud__utilization') }}
    where size(total_kinds) = 0
),

open_medic as (
    select * from {{ ref('stg_fr_open_medic__dispensing') }}
),

supply as (
    select * from {{ ref('stg_au_pbs__supply') }}
),

history as (
    select * from {{ ref('int_market__au_pbs_history_unpivoted') }}
    where is_listed
),

medstat as (
    select * from {{ ref('stg_dk_medstat__sales') }}
    where size(total_kinds) = 0
),

sngpc as (
    select * from {{ ref('stg_br_sngpc__dispensing') }}
),

-- months that are new, or whose files or typing are not those the table was built from
months_to_build as (
    {{ months }}
),

-- what the rows of each feed say of a product in each of its periods
seen as (
    select
        'uk_epd' as source_feed,
        'BNF' as product_code_system,
        bnf_code as product_code,
        period_start_date,
        'en' as language_code,
        max(bnf_description) as product_name,
        max(bnf_chemical_substance_name) as substance_name,
        cast(null as string) as source_atc_code,
        cast(null as string) as corporation_name,
        if(length(bnf_code) = 15, substring(bnf_code, 10, 2) = 'AA', null) as is_generic
    from prescribing
    group by all
    union all
    select
        'us_sdud' as source_feed,
        'NDC' as product_code_system,
        ndc as product_code,
        make_date(year, quarter * 3 - 2, 1) as period_start_date,
        'us' as language_code,
        max_by(
            product_name,
            struct(coalesce(cast(posted_date as timestamp), _file_modified_at), product_name)
        ) as product_name,
        cast(null as string) as substance_name,
        cast(null as string) as source_atc_code,
        -- no feed says who a labeler is, so its code stands for it
        concat('LABELER ', max(labeler_code)) as corporation_name,
        cast(null as boolean) as is_generic
    from utilization
    group by all
    union all
    select
        'fr_open_medic' as source_feed,
        'CIP13' as product_code_system,
        cip13 as product_code,
        make_date(year, 1, 1) as period_start_date,
        'fr' as language_code,
        max(product_name) as product_name,
        max(substance_name) as substance_name,
        max(atc_code) as source_atc_code,
        cast(null as string) as corporation_name,
        max(
            case generic_status when '1' then true when '0' then false when '4' then false end
        ) as is_generic
    from open_medic
    group by all
    union all
    select
        'au_pbs' as source_feed,
        'PBS_ITEM' as product_code_system,
        lpad(item_code, 6, '0') as product_code,
        period_start_date,
        'en' as language_code,
        cast(null as string) as product_name,
        cast(null as string) as substance_name,
        cast(null as string) as source_atc_code,
        cast(null as string) as corporation_name,
        cast(null as boolean) as is_generic
    from supply
    group by all
    union all
    select
        'au_pbs' as source_feed,
        'ATC_GROUP' as product_code_system,
        atc_code as product_code,
        period_start_date,
        'en' as language_code,
        max(atc_name) as product_name,
        cast(null as string) as substance_name,
        -- some groups of the sheet are no ATC codes of the second level
        max(if(atc_code rlike '^[A-Y][0-9]{2}$', atc_code, null)) as source_atc_code,
        cast(null as string) as corporation_name,
        cast(null as boolean) as is_generic
    from history
    group by all
    union all
    select
        'dk_medstat' as source_feed,
        'ATC' as product_code_system,
        atc_code as product_code,
        make_date(year, 1, 1) as period_start_date,
        'en' as language_code,
        cast(null as string) as product_name,
        cast(null as string) as substance_name,
        atc_code as source_atc_code,
        cast(null as string) as corporation_name,
        cast(null as boolean) as is_generic
    from medstat
    group by all
    union all
    select
        'br_sngpc' as source_feed,
        'SNGPC_TEXT' as product_code_system,
        {{ text_code(['active_ingredient', 'presentation', 'unit_name']) }} as product_code,
        make_date(year, month, 1) as period_start_date,
        'pt' as language_code,
        max(presentation) as product_name,
        max(active_ingredient) as substance_name,
        cast(null as string) as source_atc_code,
        cast(null as string) as corporation_name,
        cast(null as boolean) as is_generic
    from sngpc
    group by all
),

seen_in_months as (
    select * from seen
    where {{ only_months(months) }}
)

select
    seen_in_months.*,
    months_to_build.market_code,
    months_to_build.source_version
from seen_in_months
inner join months_to_build
    on seen_in_months.source_feed = months_to_build.source_feed
        and seen_in_months.period_start_date = months_to_build.period_start_date
