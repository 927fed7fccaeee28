{{ config(materialized='materialized_view') }}

select
    id,
    amount
from {{ ref('people_now') }}
