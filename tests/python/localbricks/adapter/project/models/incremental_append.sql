{{ config(materialized='incremental', incremental_strategy='append') }}

select
    id,
    name,
    amount,
    {{ var('round') }} as round
from {{ ref('people_now') }}
