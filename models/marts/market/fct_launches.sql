with

sales as (
    select * from {{ ref('fct_sales') }}
    where is_latest
),

-- a group of a sheet is no product that anyone launches
products as (
    select * from {{ ref('dim_product') }}
    where product_code_system != 'ATC_GROUP' and (atc_code is null or length(atc_code) = 7)
),

joined as (
    select
        sales.market_code,
        sales.period_grain,
        sales.period_start_date,
        if(sales.price_basis = 'none', 'packs', 'value_local') as measure_code,
        if(sales.price_basis = 'none', sales.count_packs, sales.amount_local) as amount,
        products.molecule_name,
        products.brand_name,
        products.product_code
    from sales
    inner join products on sales.product_id = products.product_id
),

-- three levels: a new pack of an old molecule is a launch of the product alone
levels as (
    select
        market_code,
        period_grain,
        period_start_date,
        measure_code,
        amount,
        stack(3, 'molecule', molecule_name, 'brand', brand_name, 'product', product_code)
            as (launch_level, item_name)
    from joined
),

items as (
    select
        market_code,
        period_grain,
        period_start_date,
        launch_level,
        item_name,
        measure_code,
        sum(amount) as amount
    from levels
    where item_name is not null
    group by all
),

feed_starts as (
    select
        market_code,
        period_grain,
        min(period_start_date) as feed_start_date
    from joined
    group by market_code, period_grain
),

started as (
    select
        items.*,
        min(if(items.amount > 0, items.period_start_date, null)) over item as launch_period_date,
        sum(items.amount) over item_so_far as amount_cumulative
    from items
    window
        item as (partition by market_code, period_grain, launch_level, item_name),
        item_so_far as (
            partition by market_code, period_grain, launch_level, item_name
            order by period_start_date
            rows between unbounded preceding and current row
        )
),

-- what a feed begins with was launched at some time before
launched as (
    select
        {{ hash_id('launch', [
            'started.market_code', 'started.period_grain', 'started.launch_level', 'started.item_name',
            'started.period_start_date',
        ]) }} as launch_id,
        started.market_code,
        started.period_grain,
        started.launch_level,
        started.item_name,
        started.period_start_date,
        started.launch_period_date,
        cast(months_between(started.period_start_date, started.launch_period_date) as int)
            as months_since_launch,
        started.measure_code,
        cast(started.amount as decimal(28, 6)) as amount_period,
        cast(started.amount_cumulative as decimal(28, 6)) as amount_cumulative
    from started
    inner join feed_starts
        on started.market_code = feed_starts.market_code
            and started.period_grain = feed_starts.period_grain
    where started.launch_period_date > feed_starts.feed_start_date
        and started.period_start_date >= started.launch_period_date
)

select * from launched
