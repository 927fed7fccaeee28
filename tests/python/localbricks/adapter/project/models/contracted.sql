{{ config(materialized='table', liquid_clustered_by=['id'], tblproperties={'quality': 'gold'}) }}

select
    id,
    name,
    amount
from {{ ref('people_now') }}
