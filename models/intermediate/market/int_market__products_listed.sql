{{ config(materialized='table') }}

{%- set attributes = [
    'product_name', 'substance_name', 'pack_text', 'source_atc_code', 'corporation_name'
] %}

with

prescribing as (
    select * from {{ ref('stg_uk_epd__prescribing') }}
),

cost_analysis as (
    select * from {{ ref('stg_uk_epd__cost_analysis') }}
),

utilization as (
    select * from {{ ref('stg_us_sdud__utilization') }}
),

open_medic as (
    select * from {{ ref('stg_fr_open_medic__dispensing') }}
),

packs as (
    select * from {{ ref('stg_fr_open_medic__packs') }}
),

specialities as (
    select * from {{ ref('stg_fr_open_medic__specialities') }}
),

supply as (
    select * from {{ ref('stg_au_pbs__supply') }}
),

items as (
    select * from {{ ref('stg_au_pbs__items') }}
),

history as (
    select * from {{ ref('int_market__au_pbs_history_unpivoted') }}
    where is_listed
),

medstat as (
    select * from {{ ref('stg_dk_medstat__sales') }}
    where size(total_kinds) = 0
),

code_groups as (
    select * from {{ ref('stg_dk_medstat__groups') }}
),

sngpc as (
    select * from {{ ref('stg_br_sngpc__dispensing') }}
),

-- one supplier is the company of a product, two are none
suppliers as (
    select
        bnf_code,
        if(count(distinct supplier_name) = 1, max(supplier_name), null) as supplier_name
    from cost_analysis
    group by bnf_code
),

french_packs as (
    select
        cip13,
        max_by(cis, struct(_file_modified_at, _file_path)) as cis,
        max_by(presentation, struct(_file_modified_at, _file_path)) as presentation
    from packs
    group by cip13
),

french_specialities as (
    select
        cis,
        max_by(speciality_name, struct(_file_modified_at, _file_path)) as speciality_name,
        max_by(holder_name, struct(_file_modified_at, _file_path)) as holder_name
    from specialities
    group by cis
),

australian_items as (
    select
        lpad(item_code, 6, '0') as item_code,
        max_by(drug_name, struct(_file_modified_at, _file_path)) as drug_name,
        max_by(form_strength, struct(_file_modified_at, _file_path)) as form_strength,
        max_by(atc_code, struct(_file_modified_at, _file_path)) as atc_code
    from items
    group by lpad(item_code, 6, '0')
),

danish_codes as (
    select
        atc_code,
        max_by(atc_name, struct(_file_modified_at, language_code, atc_name)) as atc_name
    from code_groups
    group by atc_code
),

-- what each feed says of a product in each of its periods
seen as (
    select
        'uk_epd' as source_feed,
        'BNF' as product_code_system,
        prescribing.bnf_code as product_code,
        prescribing.period_start_date,
        'en' as language_code,
        max(prescribing.bnf_description) as product_name,
        max(prescribing.bnf_chemical_substance_name) as substance_name,
        cast(null as string) as pack_text,
        cast(null as string) as source_atc_code,
        max(suppliers.supplier_name) as corporation_name,
        if(length(prescribing.bnf_code) = 15, substring(prescribing.bnf_code, 10, 2) = 'AA', null)
            as is_generic
    from prescribing
    left join suppliers on prescribing.bnf_code = suppliers.bnf_code
    group by prescribing.bnf_code, prescribing.period_start_date
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
        cast(null as string) as pack_text,
        cast(null as string) as source_atc_code,
        -- no feed says who a labeler is, so its code stands for it
        concat('LABELER ', max(labeler_code)) as corporation_name,
        cast(null as boolean) as is_generic
    from utilization
    where size(total_kinds) = 0
    group by ndc, make_date(year, quarter * 3 - 2, 1)
    union all
    select
        'fr_open_medic' as source_feed,
        'CIP13' as product_code_system,
        open_medic.cip13 as product_code,
        make_date(open_medic.year, 1, 1) as period_start_date,
        'fr' as language_code,
        coalesce(
            max(open_medic.product_name), max(french_specialities.speciality_name)
        ) as product_name,
        max(open_medic.substance_name) as substance_name,
        max(french_packs.presentation) as pack_text,
        max(open_medic.atc_code) as source_atc_code,
        max(french_specialities.holder_name) as corporation_name,
        max(
            case open_medic.generic_status
                when '1' then true when '0' then false when '4' then false
            end
        ) as is_generic
    from open_medic
    left join french_packs on open_medic.cip13 = french_packs.cip13
    left join french_specialities on french_packs.cis = french_specialities.cis
    group by open_medic.cip13, make_date(open_medic.year, 1, 1)
    union all
    select
        'au_pbs' as source_feed,
        'PBS_ITEM' as product_code_system,
        lpad(supply.item_code, 6, '0') as product_code,
        supply.period_start_date,
        'en' as language_code,
        max(australian_items.form_strength) as product_name,
        max(australian_items.drug_name) as substance_name,
        cast(null as string) as pack_text,
        -- Z is no ATC code
        max(if(australian_items.atc_code = 'Z', null, australian_items.atc_code))
            as source_atc_code,
        cast(null as string) as corporation_name,
        cast(null as boolean) as is_generic
    from supply
    left join australian_items on lpad(supply.item_code, 6, '0') = australian_items.item_code
    group by lpad(supply.item_code, 6, '0'), supply.period_start_date
    union all
    select
        'au_pbs' as source_feed,
        'ATC_GROUP' as product_code_system,
        atc_code as product_code,
        period_start_date,
        'en' as language_code,
        max(atc_name) as product_name,
        cast(null as string) as substance_name,
        cast(null as string) as pack_text,
        -- some groups of the sheet are no ATC codes of the second level
        max(if(atc_code rlike '^[A-Y][0-9]{2}$', atc_code, null)) as source_atc_code,
        cast(null as string) as corporation_name,
        cast(null as boolean) as is_generic
    from history
    group by atc_code, period_start_date
    union all
    select
        'dk_medstat' as source_feed,
        'ATC' as product_code_system,
        medstat.atc_code as product_code,
        make_date(medstat.year, 1, 1) as period_start_date,
        'en' as language_code,
        max(danish_codes.atc_name) as product_name,
        cast(null as string) as substance_name,
        cast(null as string) as pack_text,
        medstat.atc_code as source_atc_code,
        cast(null as string) as corporation_name,
        cast(null as boolean) as is_generic
    from medstat
    left join danish_codes on medstat.atc_code = danish_codes.atc_code
    group by medstat.atc_code, make_date(medstat.year, 1, 1)
    union all
    select
        'br_sngpc' as source_feed,
        'SNGPC_TEXT' as product_code_system,
        {{ text_code(['active_ingredient', 'presentation', 'unit_name']) }} as product_code,
        make_date(year, month, 1) as period_start_date,
        'pt' as language_code,
        max(presentation) as product_name,
        max(active_ingredient) as substance_name,
        cast(null as string) as pack_text,
        cast(null as string) as source_atc_code,
        cast(null as string) as corporation_name,
        cast(null as boolean) as is_generic
    from sngpc
    group by
        {{ text_code(['active_ingredient', 'presentation', 'unit_name']) }},
        make_date(year, month, 1)
),

-- a period that says nothing leaves things as they were
filled as (
    select
        source_feed,
        product_code_system,
        product_code,
        period_start_date,
        language_code,
        {%- for attribute in attributes %}
        coalesce(
            last_value({{ attribute }}) ignore nulls over so_far,
            first_value({{ attribute }}) ignore nulls over all_periods
        ) as {{ attribute }},
        {%- endfor %}
        is_generic
    from seen
    window
        so_far as (
            partition by source_feed, product_code_system, product_code order by period_start_date
            rows between unbounded preceding and current row
        ),
        all_periods as (
            partition by source_feed, product_code_system, product_code order by period_start_date
            rows between unbounded preceding and unbounded following
        )
),

compared as (
    select
        *,
        lag(struct({{ attributes | join(', ') }})) over in_time as previous_attributes
    from filled
    window
        in_time as (
            partition by source_feed, product_code_system, product_code order by period_start_date
        )
),

numbered as (
    select
        *,
        count_if(
            previous_attributes is not null
            and previous_attributes is distinct from struct({{ attributes | join(', ') }})
        ) over (
            partition by source_feed, product_code_system, product_code order by period_start_date
        ) as version_number
    from compared
),

versions as (
    select
        source_feed,
        product_code_system,
        product_code,
        version_number,
        language_code,
        {{ attributes | join(',\n        ') }},
        max(is_generic) as is_generic,
        min(period_start_date) as first_period_date,
        max(period_start_date) as last_period_date
    from numbered
    group by
        source_feed, product_code_system, product_code, version_number, language_code,
        {{ attributes | join(', ') }}
),

-- the first version holds for all that came before it: an older file changes no identifier
dated as (
    select
        *,
        if(version_number = 0, date '1900-01-01', first_period_date) as valid_from_date,
        lead(first_period_date) over (
            partition by source_feed, product_code_system, product_code order by version_number
        ) as next_from_date
    from versions
),

texts as (
    select
        source_feed,
        product_code_system,
        product_code,
        valid_from_date,
        date_sub(next_from_date, 1) as valid_to_date,
        {{ attributes | join(',\n        ') }},
        is_generic,
        language_code,
        substance_name as molecule_text,
        -- the name of an ATC code is no product's name
        if(product_code_system in ('ATC', 'ATC_GROUP'), null, product_name) as product_text,
        first_period_date,
        last_period_date
    from dated
)

select
    {{ hash_id('text', ['language_code', 'molecule_text', 'product_text', 'pack_text']) }}
        as text_id,
    *
from texts
