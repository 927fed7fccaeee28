{#- Windows that end with a period: the frame in months, the part of time they begin anew with, and
    the number of months they must hold. -#}
{%- set windows = {
    'PERIOD': {'span': 'range between current row and current row', 'months': 'months_per_period'},
    'R3M': {'span': 'range between 2 preceding and current row', 'months': '3'},
    'YTD': {'span': '', 'part': ['year_number'], 'months': 'months_into_year'},
    'FYTD': {'span': '', 'part': ['fiscal_year'], 'months': 'months_into_fiscal_year'},
    'MAT': {'span': 'range between 11 preceding and current row', 'months': '12'},
} -%}
{%- set series = ['definition_code', 'market_code', 'period_grain', 'measure_code'] -%}
{%- set one_market = (series + ['window_code', 'period_start_date']) | join(', ') -%}
{%- set amounts = [
    'amount_visible', 'amount_low', 'amount_high', 'count_missing', 'count_suppressed'
] %}

with

cells as (
    select * from {{ ref('fct_definition_sales') }}
),

markets as (
    select * from {{ ref('markets') }}
),

dated as (
    select
        cells.*,
        -- the fiscal year as if it began in January
        add_months(cells.period_start_date, 1 - markets.fiscal_year_first_month) as fiscal_date,
        {{ months_per_period('cells.period_grain') }}
            as months_per_period
    from cells
    inner join markets on cells.market_code = markets.market_code
),

indexed as (
    select
        *,
        year(period_start_date) * 12 + month(period_start_date) as month_index,
        year(period_start_date) as year_number,
        year(fiscal_date) as fiscal_year,
        month(period_start_date) - 1 + months_per_period as months_into_year,
        month(fiscal_date) - 1 + months_per_period as months_into_fiscal_year
    from dated
),

windowed as (
    {%- for code, window in windows.items() %}
    select
        {{ series | join(', ') }},
        period_start_date,
        competitor_grain,
        competitor_name,
        price_basis,
        coverage_code,
        month_index,
        '{{ code }}' as window_code,
        {%- for amount in amounts %}
        sum({{ amount }}) over span as {{ amount }},
        {%- endfor %}
        count(amount_high) over span = count(*) over span as has_bound,
        -- a window is whole when the market has all of its periods
        count(*) over span * months_per_period = {{ window.months }} as is_complete,
        max(completeness) over span as completeness
    from indexed
    {%- if code == 'R3M' %}
    where months_per_period = 1
    {%- endif %}
    window
        span as (
            partition by {{ (series + ['competitor_name'] + window.get('part', [])) | join(', ') }}
            order by month_index {{ window.span }}
        )
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

totalled as (
    select
        *,
        sum(amount_visible) over one_market as market_amount,
        sum(amount_low) over one_market as market_low,
        sum(amount_high) over one_market as market_high,
        bool_and(has_bound) over one_market as has_market_bound,
        sum(count_suppressed) over one_market as market_suppressed
    from windowed
    window one_market as (partition by {{ one_market }})
),

-- the same window a year before, and the order of competitors
compared as (
    select
        *,
        first_value(amount_visible) over last_year as previous_amount_visible,
        first_value(market_amount) over last_year as previous_market_amount,
        first_value(is_complete) over last_year as previous_is_complete,
        first_value(market_suppressed) over last_year as previous_market_suppressed
    from totalled
    window
        last_year as (
            partition by {{ series | join(', ') }}, window_code, competitor_name
            order by month_index
            range between 12 preceding and 12 preceding
        )
),

reasoned as (
    select
        *,
        case
            when competitor_name = 'NOT_AVAILABLE' then 'GRAIN_NOT_AVAILABLE'
            when not is_complete then 'INCOMPLETE_WINDOW'
            when market_amount <= 0 then 'NO_SALES'
        end as share_missing_reason,
        case
            when competitor_name = 'NOT_AVAILABLE' then 'GRAIN_NOT_AVAILABLE'
            when not is_complete or not coalesce(previous_is_complete, false)
                then 'INCOMPLETE_WINDOW'
            when market_suppressed > 0 or previous_market_suppressed > 0 then 'SUPPRESSED'
            when previous_market_amount <= 0 then 'BASE_NOT_POSITIVE'
        end as contribution_missing_reason
    from compared
),

shared as (
    select
        *,
        if(
            share_missing_reason is null,
            cast(amount_visible as double) / cast(market_amount as double),
            null
        ) as share,
        if(
            share_missing_reason is null and previous_is_complete and previous_market_amount > 0,
            cast(previous_amount_visible as double) / cast(previous_market_amount as double),
            null
        ) as share_previous_year,
        case
            when contribution_missing_reason is not null then contribution_missing_reason
            when previous_amount_visible <= 0 then 'BASE_NOT_POSITIVE'
        end as growth_missing_reason
    from reasoned
),

measured as (
    select
        *,
        if(
            growth_missing_reason is null,
            100 * (cast(amount_visible as double) / cast(previous_amount_visible as double) - 1),
            null
        ) as growth_percent,
        if(
            contribution_missing_reason is null,
            100 * (cast(market_amount as double) / cast(previous_market_amount as double) - 1),
            null
        ) as market_growth_percent,
        if(
            contribution_missing_reason is null,
            100 * cast(amount_visible - previous_amount_visible as double)
            / cast(previous_market_amount as double),
            null
        ) as contribution_points,
        {{ share_bound('low') }} as share_low,
        {{ share_bound('high') }} as share_high,
        -- equal amounts share a rank, and the next one follows without a gap
        if(
            share_missing_reason is null and amount_visible > 0, dense_rank() over this_order, null
        ) as rank_number,
        if(
            share_previous_year is not null and previous_amount_visible > 0,
            dense_rank() over last_order,
            null
        ) as rank_previous_year
    from shared
    window
        this_order as (partition by {{ one_market }} order by amount_visible desc),
        last_order as (partition by {{ one_market }} order by previous_amount_visible desc)
)

select
    {{ hash_id('market_share', series + ['window_code', 'period_start_date', 'competitor_name']) }}
        as market_share_id,
    definition_code,
    market_code,
    period_grain,
    window_code,
    period_start_date,
    measure_code,
    competitor_grain,
    competitor_name,
    case when measure_code like 'value%' then price_basis end as price_basis,
    case measure_code
        when 'value_local' then 'local'
        when 'value_eur_constant' then 'eur_constant'
    end as currency_basis,
    coverage_code,
    completeness,

    if(is_complete, amount_visible, null) as amount_visible,
    if(is_complete, market_amount, null) as market_amount,
    if(is_complete and previous_is_complete, previous_amount_visible, null) as amount_previous_year,
    if(is_complete and previous_is_complete, previous_market_amount, null)
        as market_amount_previous_year,
    share,
    share_missing_reason,
    share_low,
    share_high,
    share_previous_year,
    100 * (share - share_previous_year) as share_change_points,
    growth_percent,
    growth_missing_reason,
    market_growth_percent,
    (100 + growth_percent) / (100 + market_growth_percent) * 100 as evolution_index,
    contribution_points,
    contribution_missing_reason,
    rank_number,
    rank_previous_year,
    rank_previous_year - rank_number as rank_change,
    count_missing,
    count_suppressed,

    is_complete
from measured
