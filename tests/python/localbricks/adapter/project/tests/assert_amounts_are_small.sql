{{ config(store_failures=true, severity='warn') }}

select
    id,
    amount
from {{ ref('people_now') }}
where amount > 15
