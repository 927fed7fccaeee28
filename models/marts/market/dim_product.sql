{%- set product_key = ['market_code', 'product_code_system', 'product_code', 'valid_from_date'] %}
{%- set mapping = [
    'atc_code', 'molecule_name', 'units_per_pack', 'ddd_per_unit', 'ddd_per_unit_missing_reason',
    'standard_units_per_unit',
] %}

with

listed as (
    select * from {{ ref('int_market__products_listed') }}
),

parsed as (
    select * from {{ ref('int_market__presentations_parsed') }}
),

markets as (
    select * from {{ ref('markets') }}
),

atc_index as (
    select * from {{ ref('atc_ddd') }}
),

overrides as (
    select * from {{ ref('product_overrides') }}
),

-- one code of a molecule, and its dose in mg; of two routes none can be chosen here
molecules as (
    select
        molecule_name,
        min(atc_code) as atc_code
    from atc_index
    group by molecule_name
),

doses as (
    select
        atc_code,
        min(molecule_name) as molecule_name,
        min(ephmra_code) as ephmra_code,
        if(
            count(*) = 1,
            min(
                ddd_value
                * case ddd_unit when 'g' then 1000 when 'mg' then 1 when 'mcg' then 0.001 end
            ),
            null
        ) as ddd_mg,
        min(administration_route) as administration_route,
        min(ddd_version) as ddd_version
    from atc_index
    group by atc_code
),

joined as (
    select
        markets.market_code,
        listed.*,
        parsed.form_code as parsed_form_code,
        parsed.form_reason,
        parsed.counting_unit as parsed_counting_unit,
        parsed.units_per_pack as parsed_units_per_pack,
        parsed.containers,
        parsed.pack_reason,
        parsed.strength_mg,
        parsed.strength_per,
        parsed.strength_per_unit,
        parsed.strength_reason,
        parsed.molecule_name as parsed_molecule_name,
        parsed.molecule_match,
        overrides.product_code is not null as is_manual,
        overrides.molecule_name as manual_molecule_name,
        overrides.atc_code as manual_atc_code,
        overrides.form_code as manual_form_code,
        overrides.counting_unit as manual_counting_unit,
        overrides.units_per_pack as manual_units_per_pack,
        overrides.strength_mg_per_unit as manual_strength_mg_per_unit,
        overrides.corporation_name as manual_corporation_name,
        -- the first nine characters of a medicine's BNF code are its substance
        if(
            listed.product_code_system = 'BNF' and length(listed.product_code) = 15,
            left(listed.product_code, 9),
            null
        )
            as substance_code
    from listed
    inner join markets on listed.source_feed = markets.source_feed
    inner join parsed on listed.text_id = parsed.text_id
    left join overrides
        on listed.source_feed = overrides.source_feed
            and listed.product_code = overrides.product_code
),

-- the molecule: said by hand, by the text, by a product of the same substance, or by the ATC code
named as (
    select
        joined.*,
        coalesce(
            joined.manual_molecule_name,
            joined.parsed_molecule_name,
            if(
                joined.substance_code is not null,
                max(joined.parsed_molecule_name)
                    over (partition by joined.source_feed, joined.substance_code),
                null
            ),
            doses.molecule_name
        ) as molecule_name
    from joined
    left join doses on joined.source_atc_code = doses.atc_code
),

coded as (
    select
        named.*,
        coalesce(named.manual_atc_code, named.source_atc_code, molecules.atc_code) as atc_code
    from named
    left join molecules on named.molecule_name = molecules.molecule_name
),

-- what is counted: pieces, unless the pack or the strength says millilitres or grams
counted as (
    select
        coded.*,
        doses.ephmra_code,
        doses.ddd_mg,
        doses.administration_route,
        doses.ddd_version,
        doses.atc_code is not null as has_index_entry,
        coalesce(coded.manual_form_code, coded.parsed_form_code) as form_code,
        coalesce(
            coded.manual_counting_unit,
            coded.parsed_counting_unit,
            case
                when
                    coded.parsed_form_code in (
                        'tablet', 'capsule', 'suppository', 'sachet', 'patch'
                    )
                    then 'piece'
                when coded.parsed_form_code in ('oral_liquid', 'drops') then 'ml'
                when coded.parsed_form_code = 'cream' then 'g'
            end
        ) as counting_unit,
        coalesce(coded.manual_units_per_pack, coded.parsed_units_per_pack) as units_per_pack
    from coded
    left join doses on coded.atc_code = doses.atc_code
),

-- mg in one counting unit, where strength and count speak of the same thing
measured as (
    select
        *,
        case
            when manual_strength_mg_per_unit is not null then manual_strength_mg_per_unit
            when strength_mg is null or counting_unit is null then null
            when strength_per_unit = counting_unit then strength_mg / strength_per
            -- a patch's rate is per hour: three days of it
            when strength_per_unit = 'hour' and form_code = 'patch' then strength_mg * 72
        end as strength_mg_per_unit,
        case
            when
                counting_unit = 'piece'
                and form_code in ('tablet', 'capsule', 'suppository', 'sachet', 'patch')
                then 'PIECE'
            when counting_unit = 'piece' and form_code in ('pen', 'injection') then 'CONTAINER'
            when
                counting_unit = 'ml' and form_code in ('pen', 'injection')
                and containers > 0 and units_per_pack > 0
                then 'CONTAINER'
            when counting_unit = 'dose' and form_code = 'inhaler' then 'DOSE'
            when counting_unit = 'ml' and form_code = 'oral_liquid' then 'FIVE_ML'
        end as standard_unit_rule
    from counted
),

products as (
    select
        {{ hash_id('product', product_key) }} as product_id,
        market_code,
        source_feed,
        product_code_system,
        product_code,
        valid_from_date,
        valid_to_date,

        if(product_code_system = 'BNF', left(product_code, 2), null) as chapter_code,
        if(product_code_system = 'BNF', left(product_code, 4), null) as section_code,
        substance_code,
        atc_code,
        {{ missing_reason('atc_code', 'UNMAPPED') }} as atc_code_missing_reason,
        ephmra_code,
        {{ missing_reason('ephmra_code', 'UNMAPPED') }} as ephmra_code_missing_reason,
        form_code,
        case when form_code is null then coalesce(form_reason, 'NO_FORM') end
            as form_code_missing_reason,

        product_name,
        substance_name,
        pack_text,
        molecule_name,
        {{ missing_reason('molecule_name', 'UNMAPPED') }} as molecule_name_missing_reason,
        -- a generic competes under its molecule, a brand under the name before the strength
        case
            when is_generic then concat(coalesce(molecule_name, substance_name), ' generic')
            when product_code_system in ('BNF', 'NDC', 'CIP13')
                then upper(btrim(regexp_extract(product_name, '^[^0-9,_]+', 0)))
        end as brand_name,
        coalesce(manual_corporation_name, corporation_name) as corporation_name,
        case
            when coalesce(manual_corporation_name, corporation_name) is null then 'NOT_REPORTED'
        end
            as corporation_name_missing_reason,

        counting_unit,
        units_per_pack,
        case when units_per_pack is null then coalesce(pack_reason, 'NO_PACK') end
            as units_per_pack_missing_reason,
        strength_mg_per_unit,
        case
            when strength_mg_per_unit is null then coalesce(strength_reason, 'UNIT_UNKNOWN')
        end as strength_mg_per_unit_missing_reason,
        ddd_mg,
        administration_route,
        ddd_version,
        case when ddd_mg > 0 then strength_mg_per_unit / ddd_mg end as ddd_per_unit,
        case
            when strength_mg_per_unit is not null and ddd_mg > 0 then null
            when atc_code is null then 'UNMAPPED'
            when ddd_mg is null then 'NO_DDD'
            else 'UNIT_UNKNOWN'
        end as ddd_per_unit_missing_reason,
        case
            when standard_unit_rule = 'FIVE_ML' then 0.2d
            when standard_unit_rule = 'CONTAINER' and counting_unit = 'ml'
                then containers / units_per_pack
            when standard_unit_rule is not null then 1.0d
        end as standard_units_per_unit,
        standard_unit_rule,

        case
            when is_manual then 'manual'
            when source_atc_code is not null then 'code'
            when atc_code is null then 'none'
            when parsed_molecule_name is not null then 'parsed'
            else 'code'
        end as mapping_method,
        cast(
            case
                when is_manual or source_atc_code is not null then 1
                when atc_code is null then 0
                when parsed_molecule_name is null then 0.95
                when molecule_match = 'name' then 0.9
                when molecule_match = 'brand' then 0.8
                else 0.7
            end as decimal(3, 2)
        ) as mapping_confidence,

        is_generic,
        product_code_system = 'BNF' and length(product_code) = 11 as is_appliance,

        first_period_date,
        last_period_date
    from measured
)

select
    *,
    -- changes with whatever the measures of a sale are worked out from
    {{ hash_id('mapping', mapping) }}
        as mapping_version
from products
