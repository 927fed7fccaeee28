with

markets as (
    select * from {{ ref('markets') }}
)

select
    market_code,
    source_feed,
    market_name,
    currency_code,
    price_basis,
    coverage_code,
    coverage_note,
    fiscal_year_first_month,
    restated_months
from markets
