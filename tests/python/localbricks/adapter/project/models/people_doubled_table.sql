{{ config(materialized='table') }}

select
    id,
    amount
from {{ ref('people_doubled') }}
