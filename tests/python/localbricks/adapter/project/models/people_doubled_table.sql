{{ config(materialized='table') }}
select * from {{ ref('people_doubled') }}
