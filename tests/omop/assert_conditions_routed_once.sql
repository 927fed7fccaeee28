-- Routed rows are published in condition_occurrence or listed in routed_elsewhere, each in one of them.
with

counted as (
    select
        (select count(*) from {{ ref('int_omop__conditions_routed') }}) as count_routed,
        (select count(*) from {{ ref('condition_occurrence') }}) as count_published,
        (select count(*) from {{ ref('routed_elsewhere') }} where entity = 'conditions') as count_elsewhere
)

select *
from counted
where count_routed != count_published + count_elsewhere
