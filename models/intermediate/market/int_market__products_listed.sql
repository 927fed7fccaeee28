{{ config(materialized='table') }}

{%- set attributes = [
    'product_name', 'substance_name', 'pack_text', 'source_atc_code', 'corporation_name'
] %}

with

seen as (
    select * from {{ ref('int_market__products_seen') }}
),

cost_analysis as (
    select * from {{ ref('stg_uk_epd__cost_analysis') }}
),

packs as (
    select * from {{ ref('stg_fr_open_medic__packs') }}
),

specialities as (
    select * from {{ ref('stg_fr_open_medic__specialities') }}
),

items as (
    select * from {{ ref('stg_au_pbs__items') }}
),

code_groups as (
    select * from {{ ref('stg_dk_medstat__groups') }}
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

-- what the feeds keep in lists beside their sales
described as (
    select
        seen.source_feed,
        seen.product_code_system,
        seen.product_code,
        seen.period_start_date,
        seen.language_code,
        coalesce(
            seen.product_name,
            french_specialities.speciality_name,
            australian_items.form_strength,
            danish_codes.atc_name
        ) as product_name,
        coalesce(seen.substance_name, australian_items.drug_name) as substance_name,
        french_packs.presentation as pack_text,
        -- Z is no ATC code
        coalesce(seen.source_atc_code, nullif(australian_items.atc_code, 'Z')) as source_atc_code,
        coalesce(
            seen.corporation_name, suppliers.supplier_name, french_specialities.holder_name
        ) as corporation_name,
        seen.is_generic
    from seen
    left join suppliers
        on seen.product_code_system = 'BNF' and seen.product_code = suppliers.bnf_code
    left join french_packs
        on seen.product_code_system = 'CIP13' and seen.product_code = french_packs.cip13
    left join french_specialities on french_packs.cis = french_specialities.cis
    left join australian_items
        on seen.product_code_system = 'PBS_ITEM'
            and seen.product_code = australian_items.item_code
    left join danish_codes
        on seen.product_code_system = 'ATC' and seen.product_code = danish_codes.atc_code
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
    from described
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
