{{ config(materialized='table') }}

select count(*) as pairs
from range(3000000) as a
cross join range(3000000) as b
where a.id + b.id = 1
