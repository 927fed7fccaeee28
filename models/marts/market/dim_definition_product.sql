with

rules as (
    select * from {{ ref('market_definitions') }}
),

products as (
    select * from {{ ref('dim_product') }}
),

markets as (
    select * from {{ ref('markets') }}
),

-- a group of substances is in no definition: its sales are those of many competitors
substances as (
    select
        products.*,
        markets.competitor_grains
    from products
    inner join markets on products.market_code = markets.market_code
    where products.atc_code is null or length(products.atc_code) = 7
),

matched as (
    select
        rules.definition_code,
        rules.competitor_grain,
        rules.rule_effect,
        substances.*
    from substances
    inner join rules
        on (rules.rule_axis = 'atc' and startswith(substances.atc_code, rules.rule_value))
            or (rules.rule_axis = 'molecule' and substances.molecule_name = rules.rule_value)
            or (
                rules.rule_axis = 'brand'
                and startswith(lower(substances.brand_name), lower(rules.rule_value))
            )
),

included as (
    select
        definition_code,
        product_id,
        min(competitor_grain) as competitor_grain,
        min(market_code) as market_code,
        min(competitor_grains) as competitor_grains,
        min(molecule_name) as molecule_name,
        min(brand_name) as brand_name,
        min(corporation_name) as corporation_name
    from matched
    group by definition_code, product_id
    having count_if(rule_effect = 'include') > 0 and count_if(rule_effect = 'exclude') = 0
),

-- who competes is said by the definition, if the market knows it
named as (
    select
        {{ hash_id('definition_product', ['definition_code', 'product_id']) }}
            as definition_product_id,
        definition_code,
        product_id,
        market_code,
        competitor_grain,
        case
            when
                not array_contains(split(competitor_grains, ' '), competitor_grain)
                then 'NOT_AVAILABLE'
            when competitor_grain = 'molecule' then coalesce(molecule_name, 'UNMAPPED')
            when competitor_grain = 'brand' then coalesce(brand_name, 'UNMAPPED')
            else coalesce(corporation_name, 'UNMAPPED')
        end as competitor_name
    from included
)

select * from named
