{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='id',
        on_schema_change='append_new_columns',
    )
}}

select
    id,
    {% if env_var('FEATURES_ROUND') | int > 1 %}
    name,
    {% endif %}
    amount
from {{ ref('people_now') }}
