{{ config(materialized='view') }}

-- in round 2 Bob is worth more, Dan is new and Ann is gone
select
    id,
    name,
    day,
    amount
from {{ ref('people') }}
where {{ env_var('FEATURES_ROUND') }} = 1 or id = 3
{% if env_var('FEATURES_ROUND') | int > 1 %}
union all
select
    2 as id,
    'Bob' as `name`,
    date '2024-01-02' as `day`,
    cast(25 as decimal(10, 2)) as amount
union all
select
    4 as id,
    'Dan' as `name`,
    date '2024-01-04' as `day`,
    cast(40 as decimal(10, 2)) as amount
{% endif %}
