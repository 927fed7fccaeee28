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
    {% if var('round') | int > 1 %}
    name,
    {% endif %}
    amount
from {{ ref('people_now') }}
