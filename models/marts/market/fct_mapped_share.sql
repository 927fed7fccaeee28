with

sales as (
    select * from {{ ref('fct_sales') }}
    where is_latest and not is_suppressed
),

products as (
    select * from {{ ref('dim_product') }}
),

-- value, or packs in a market without prices
weighted as (
    select
        sales.market_code,
        sales.period_grain,
        sales.period_start_date,
        if(sales.price_basis = 'none', 'packs', 'value_local') as measure_code,
        cast(
            if(sales.price_basis = 'none', sales.count_packs, sales.amount_local) as decimal(28, 6)
        ) as amount,
        products.atc_code is not null as has_atc,
        products.molecule_name is not null as has_molecule,
        products.form_code is not null as has_form,
        products.ddd_per_unit is not null or sales.quantity_ddd is not null as has_ddd
    from sales
    inner join products on sales.product_id = products.product_id
),

summed as (
    select
        market_code,
        period_grain,
        period_start_date,
        measure_code,
        coalesce(sum(amount), 0) as amount_total,
        coalesce(sum(amount) filter (where has_atc), 0) as amount_with_atc,
        coalesce(sum(amount) filter (where has_molecule), 0) as amount_with_molecule,
        coalesce(sum(amount) filter (where has_form), 0) as amount_with_form,
        coalesce(sum(amount) filter (where has_ddd), 0) as amount_with_ddd,
        count(*) as count_rows
    from weighted
    group by market_code, period_grain, period_start_date, measure_code
)

select
    {{ hash_id('mapped_share', [
        'market_code', 'period_grain', 'period_start_date', 'measure_code'
    ]) }}
        as mapped_share_id,
    market_code,
    period_grain,
    period_start_date,
    measure_code,
    cast(amount_total as decimal(28, 6)) as amount_total,
    try_divide(cast(amount_with_atc as double), cast(amount_total as double)) as share_with_atc,
    try_divide(cast(amount_with_molecule as double), cast(amount_total as double))
        as share_with_molecule,
    try_divide(cast(amount_with_form as double), cast(amount_total as double)) as share_with_form,
    try_divide(cast(amount_with_ddd as double), cast(amount_total as double)) as share_with_ddd,
    count_rows
from summed
