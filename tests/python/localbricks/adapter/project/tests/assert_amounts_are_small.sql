{{ config(store_failures=true, severity='warn') }}
select * from {{ ref('people_now') }} where amount > 15
