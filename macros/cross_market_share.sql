{#- The statement of fct_cross_market_share and of its sibling that pools mixed price bases. -#}

{% macro cross_market_share(allows_mixed_prices=false) -%}
with

cells as (
    select * from {{ ref('fct_definition_sales') }}
    -- what means the same in every market
    where measure_code in ('value_eur_constant', 'ddd', 'standard_units')
),

-- calendar years that a market has whole
market_years as (
    select
        definition_code,
        measure_code,
        competitor_grain,
        competitor_name,
        market_code,
        trunc(period_start_date, 'YEAR') as year_start_date,
        collect_set(if(measure_code like 'value%', price_basis, null)) as price_bases,
        max(completeness) as completeness,
        sum(amount_visible) as amount_visible,
        sum(amount_low) as amount_low,
        sum(amount_high) as amount_high,
        count(amount_high) = count(*) as has_bound,
        sum(count_missing) as count_missing,
        sum(count_suppressed) as count_suppressed
    from cells
    group by
        definition_code,
        measure_code,
        competitor_grain,
        competitor_name,
        market_code,
        period_grain,
        trunc(period_start_date, 'YEAR')
    having count(*) * any_value({{ months_per_period('period_grain') }}) = 12
),

-- a market that does not tell who competes is named, and is no part of the sum
pools as (
    select
        definition_code,
        measure_code,
        year_start_date,
        array_sort(collect_set(if(competitor_name = 'NOT_AVAILABLE', null, market_code))) as markets,
        array_sort(collect_set(if(competitor_name = 'NOT_AVAILABLE', market_code, null))) as markets_left_out,
        array_sort(
            array_distinct(flatten(collect_list(
                if(competitor_name = 'NOT_AVAILABLE', cast(array() as array<string>), price_bases)
            )))
        ) as pool_price_bases,
        sum(if(competitor_name = 'NOT_AVAILABLE', 0, amount_visible)) as market_amount,
        sum(if(competitor_name = 'NOT_AVAILABLE', 0, amount_low)) as market_low,
        sum(if(competitor_name = 'NOT_AVAILABLE', 0, amount_high)) as market_high,
        bool_and(competitor_name = 'NOT_AVAILABLE' or has_bound) as has_market_bound
    from market_years
    group by definition_code, measure_code, year_start_date
),

competitors as (
    select
        definition_code,
        measure_code,
        year_start_date,
        competitor_grain,
        competitor_name,
        array_distinct(flatten(collect_list(price_bases))) as own_price_bases,
        max(completeness) as completeness,
        sum(amount_visible) as amount_visible,
        sum(amount_low) as amount_low,
        sum(amount_high) as amount_high,
        bool_and(has_bound) as has_bound,
        sum(count_missing) as count_missing,
        sum(count_suppressed) as count_suppressed
    from market_years
    group by definition_code, measure_code, year_start_date, competitor_grain, competitor_name
),

reasoned as (
    select
        competitors.*,
        pools.markets,
        pools.markets_left_out,
        pools.pool_price_bases,
        pools.market_amount,
        pools.market_low,
        pools.market_high,
        pools.has_market_bound,
        case
            when competitors.competitor_name = 'NOT_AVAILABLE' then 'GRAIN_NOT_AVAILABLE'
            {%- if not allows_mixed_prices %}
            when size(pools.pool_price_bases) > 1 then 'MIXED_PRICE_BASIS'
            {%- endif %}
            when pools.market_amount <= 0 then 'NO_SALES'
        end as share_missing_reason
    from competitors
    inner join pools
        on competitors.definition_code = pools.definition_code
            and competitors.measure_code = pools.measure_code
            and competitors.year_start_date = pools.year_start_date
)

select
    {{ hash_id('cross_market_share', ['definition_code', 'measure_code', 'year_start_date', 'competitor_name']) }}
        as cross_market_share_id,
    definition_code,
    year_start_date,
    measure_code,
    competitor_grain,
    competitor_name,
    array_join(markets, ' ') as market_codes,
    array_join(markets_left_out, ' ') as market_codes_left_out,
    size(markets) as count_markets,
    array_join(pool_price_bases, ' ') as price_bases,
    completeness,
    {%- if allows_mixed_prices %}
    amount_visible,
    market_amount as pool_amount,
    {%- else %}
    -- a sum over price bases is what is refused, not its share alone
    if(size(own_price_bases) > 1, null, amount_visible) as amount_visible,
    if(size(pool_price_bases) > 1, null, market_amount) as pool_amount,
    {%- endif %}
    if(
        share_missing_reason is null,
        cast(amount_visible as double) / cast(market_amount as double),
        null
    ) as share,
    share_missing_reason,
    {{ share_bound('low') }} as share_low,
    {{ share_bound('high') }} as share_high,
    count_missing,
    count_suppressed
from reasoned
{%- endmacro %}
