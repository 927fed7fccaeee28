{{ config(materialized='incremental', incremental_strategy='append') }}

select
    id,
    name,
    amount,
    {{ env_var('FEATURES_ROUND') }} as round
from {{ ref('people_now') }}
