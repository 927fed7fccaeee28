{{ config(materialized='incremental', incremental_strategy='merge', unique_key='id') }}

select
    id,
    name,
    amount,
    {{ var('round') }} as round
from {{ ref('people_now') }}
