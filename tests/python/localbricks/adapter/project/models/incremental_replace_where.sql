{{
    config(
        materialized='incremental',
        incremental_strategy='replace_where',
        incremental_predicates='id >= 2',
    )
}}

select
    id,
    amount
from {{ ref('people_now') }}
where id >= 2
{% if not is_incremental() %}
union all
select
    1 as id,
    cast(10.5 as decimal(10, 2)) as amount
{% endif %}
