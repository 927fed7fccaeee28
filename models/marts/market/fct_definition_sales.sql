{#- Each measure with its column, and the column that bounds what is hidden of it. -#}
{%- set measures = {
    'value_local': ('amount_local', 'hidden_amount_high'),
    'value_eur_constant': ('amount_eur_constant', 'null'),
    'ddd': ('quantity_ddd', 'null'),
    'standard_units': ('standard_unit_approx', 'null'),
    'packs': ('count_packs', 'null'),
    'items': ('count_items', 'hidden_items_high'),
} %}

with

sales as (
    select * from {{ ref('fct_sales') }}
    where is_latest
),

defined as (
    select * from {{ ref('dim_definition_product') }}
),

suppressed as (
    select * from {{ ref('fct_suppressed_sales') }}
),

-- periods that a market has at all, whatever was sold: the grid of every series
market_periods as (
    select
        market_code,
        period_grain,
        period_start_date,
        min(price_basis) as price_basis,
        min(coverage_code) as coverage_code,
        max(completeness) as completeness
    from sales
    group by market_code, period_grain, period_start_date
),

defined_sales as (
    select
        defined.definition_code,
        defined.competitor_grain,
        defined.competitor_name,
        sales.*
    from sales
    inner join defined on sales.product_id = defined.product_id
),

sales_by_measure as (
    select
        definition_code,
        competitor_grain,
        competitor_name,
        market_code,
        period_grain,
        period_start_date,
        is_suppressed,
        stack(
            {{ measures | length }},
            {%- for code, (column, high) in measures.items() %}
            '{{ code }}', cast({{ column }} as decimal(28, 6)){{ "," if not loop.last }}
            {%- endfor %}
        ) as (measure_code, amount)
    from defined_sales
),

-- visible: what rows show, hidden: what suppressed rows may hold
visible as (
    select
        definition_code,
        competitor_grain,
        competitor_name,
        market_code,
        period_grain,
        period_start_date,
        measure_code,
        sum(amount) as amount,
        count_if(amount is null and not is_suppressed) as count_missing,
        count_if(is_suppressed) as count_suppressed
    from sales_by_measure
    group by all
),

defined_suppressed as (
    select
        defined.definition_code,
        defined.competitor_name,
        suppressed.*
    from suppressed
    inner join defined on suppressed.product_id = defined.product_id
),

suppressed_by_measure as (
    select
        definition_code,
        competitor_name,
        market_code,
        period_start_date,
        stack(
            {{ measures | length }},
            {%- for code, (column, high) in measures.items() %}
            '{{ code }}',
            cast({{ "hidden_items_low" if code == "items" else "0" }} as decimal(28, 6)),
            cast({{ high }} as decimal(28, 6)){{ "," if not loop.last }}
            {%- endfor %}
        ) as (measure_code, low, high)
    from defined_suppressed
),

hidden as (
    select
        definition_code,
        competitor_name,
        market_code,
        period_start_date,
        measure_code,
        sum(low) as hidden_low,
        -- one product without a bound leaves the sum without one
        if(count_if(high is null) > 0, null, sum(high)) as hidden_high
    from suppressed_by_measure
    group by all
),

-- measures that a market has of a definition, and who competes there
series as (
    select
        definition_code,
        competitor_grain,
        competitor_name,
        market_code,
        period_grain,
        measure_code
    from visible
    group by all
),

available as (
    select
        definition_code,
        market_code,
        measure_code
    from visible
    group by all
    having count(amount) > 0
),

gridded as (
    select
        series.definition_code,
        series.market_code,
        series.period_grain,
        market_periods.period_start_date,
        series.measure_code,
        series.competitor_grain,
        series.competitor_name,
        market_periods.price_basis,
        market_periods.coverage_code,
        market_periods.completeness
    from series
    inner join available
        on series.definition_code = available.definition_code
            and series.market_code = available.market_code
            and series.measure_code = available.measure_code
    inner join market_periods
        on series.market_code = market_periods.market_code
            and series.period_grain = market_periods.period_grain
),

-- no row means that nothing was sold, in a period that the market has
filled as (
    select
        {{ hash_id('definition_sales', [
            'gridded.definition_code', 'gridded.market_code', 'gridded.period_grain', 'gridded.period_start_date',
            'gridded.measure_code', 'gridded.competitor_name',
        ]) }} as definition_sales_id,
        gridded.*,
        cast(coalesce(visible.amount, 0) as decimal(28, 6)) as amount_visible,
        cast(coalesce(visible.amount, 0) + coalesce(hidden.hidden_low, 0) as decimal(28, 6))
            as amount_low,
        cast(
            case
                when coalesce(visible.count_suppressed, 0) = 0 then coalesce(visible.amount, 0)
                else coalesce(visible.amount, 0) + hidden.hidden_high
            end as decimal(28, 6)
        ) as amount_high,
        coalesce(visible.count_missing, 0) as count_missing,
        coalesce(visible.count_suppressed, 0) as count_suppressed
    from gridded
    left join visible
        on gridded.definition_code = visible.definition_code
            and gridded.market_code = visible.market_code
            and gridded.period_grain = visible.period_grain
            and gridded.period_start_date = visible.period_start_date
            and gridded.measure_code = visible.measure_code
            and gridded.competitor_name = visible.competitor_name
    left join hidden
        on gridded.definition_code = hidden.definition_code
            and gridded.market_code = hidden.market_code
            and gridded.period_start_date = hidden.period_start_date
            and gridded.measure_code = hidden.measure_code
            and gridded.competitor_name = hidden.competitor_name
)

select * from filled
