-- Every routed row is in condition_occurrence or listed in routed_elsewhere, and in one only.
with

routed as (
    select * from {{ ref('int_omop__conditions_routed') }}
),

published as (
    select * from {{ ref('condition_occurrence') }}
),

elsewhere as (
    select * from {{ ref('routed_elsewhere') }}
    where entity = 'conditions'
),

counted as (
    select
        (select count(*) from routed) as count_routed,
        (select count(*) from published) as count_published,
        (select count(*) from elsewhere) as count_elsewhere
)

select *
from counted
where count_routed != count_published + count_elsewhere
