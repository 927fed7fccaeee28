with

rates as (
    select * from {{ ref('exchange_rates') }}
),

-- every month in three lengths of period, and the euro itself
months as (
    select
        currency_code,
        month_start_date,
        cast(units_per_eur as double) as units_per_eur
    from rates
    union all
    select distinct
        'EUR' as currency_code,
        month_start_date,
        1.0d as units_per_eur
    from rates
),

periods as (
    {%- for grain, start in {
        'month': 'month_start_date',
        'quarter': "cast(trunc(month_start_date, 'QUARTER') as date)",
        'year': "cast(trunc(month_start_date, 'YEAR') as date)",
    }.items() %}
    select
        currency_code,
        '{{ grain }}' as period_grain,
        {{ start }} as period_start_date,
        avg(units_per_eur) as units_per_eur,
        count(*) as count_months
    from months
    group by currency_code, {{ start }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

dollars as (
    select
        period_grain,
        period_start_date,
        units_per_eur as usd_per_eur
    from periods
    where currency_code = 'USD'
),

-- one reference year for every period: growth without the currency's own
reference_year as (
    select
        currency_code,
        units_per_eur as reference_units_per_eur
    from periods
    where period_grain = 'year'
        and period_start_date = make_date({{ var('constant_rate_year') }}, 1, 1)
),

exchange_rates as (
    select
        {{ hash_id('exchange_rate', [
            'periods.currency_code', 'periods.period_grain', 'periods.period_start_date'
        ]) }}
            as exchange_rate_id,
        periods.currency_code,
        periods.period_grain,
        periods.period_start_date,
        {{ var('constant_rate_year') }} as reference_year_number,
        1 / periods.units_per_eur as eur_per_unit,
        dollars.usd_per_eur / periods.units_per_eur as usd_per_unit,
        1 / reference_year.reference_units_per_eur as eur_constant_per_unit,
        periods.count_months
    from periods
    inner join dollars
        on periods.period_grain = dollars.period_grain
            and periods.period_start_date = dollars.period_start_date
    inner join reference_year on periods.currency_code = reference_year.currency_code
    -- a quarter or a year that is not over has no average yet
    where periods.count_months
        = {{ months_per_period('periods.period_grain') }}
)

select * from exchange_rates
