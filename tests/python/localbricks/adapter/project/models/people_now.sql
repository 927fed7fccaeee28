{{ config(materialized='view') }}
-- in round 2 Bob is worth more, Dan is new and Ann is gone
select id, name, day, amount from {{ ref('people') }} where {{ var('round') }} = 1 or id = 3
{% if var('round') > 1 %}
union all select 2, 'Bob', date '2024-01-02', cast(25 as decimal(10, 2))
union all select 4, 'Dan', date '2024-01-04', cast(40 as decimal(10, 2))
{% endif %}
