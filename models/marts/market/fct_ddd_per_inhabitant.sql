with

sales as (
    select * from {{ ref('fct_sales') }}
    where is_latest
),

products as (
    select * from {{ ref('dim_product') }}
    where length(atc_code) = 7
),

populations as (
    select * from {{ ref('dim_population') }}
),

-- years that a market has whole: twelve months, four quarters or the year itself
years as (
    select
        market_code,
        year(period_start_date) as year_number,
        count(distinct period_start_date)
        * {{ months_per_period('min(period_grain)') }}
        = 12
            as is_complete
    from sales
    group by market_code, year(period_start_date)
),

summed as (
    select
        sales.market_code,
        year(sales.period_start_date) as year_number,
        products.atc_code,
        min(sales.coverage_code) as coverage_code,
        min(products.ddd_version) as ddd_version,
        sum(sales.quantity_ddd) as quantity_ddd,
        count_if(sales.quantity_ddd is null) as count_missing,
        min(sales.quantity_ddd_missing_reason) as first_reason
    from sales
    inner join products on sales.product_id = products.product_id
    group by sales.market_code, year(sales.period_start_date), products.atc_code
),

reasoned as (
    select
        summed.*,
        populations.population,
        -- leap years have a day more
        day(last_day(make_date(summed.year_number, 2, 1))) + 337 as count_days,
        case
            when summed.quantity_ddd is null then summed.first_reason
            when not years.is_complete then 'INCOMPLETE_WINDOW'
            when populations.population is null then 'NO_POPULATION'
        end as did_missing_reason
    from summed
    inner join
        years
        on summed.market_code = years.market_code and summed.year_number = years.year_number
    left join populations
        on summed.market_code = populations.market_code
            and summed.year_number = populations.year_number
)

select
    {{ hash_id('ddd_per_inhabitant', ['market_code', 'year_number', 'atc_code']) }}
        as ddd_per_inhabitant_id,
    market_code,
    year_number,
    atc_code,
    coverage_code,
    ddd_version,
    quantity_ddd,
    population,
    count_days,
    case
        when did_missing_reason is null
            then cast(quantity_ddd as double) * 1000 / (cast(population as double) * count_days)
    end as did,
    did_missing_reason,
    count_missing
from reasoned
