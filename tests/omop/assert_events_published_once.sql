-- Every routed row of a person is in the table it was routed to, once, and no table has another.
with

routed as (
    select * from {{ ref('int_omop__events_routed') }}
    where person_id is not null
),

published as (
    {{ published_events() }}
),

matched as (
    select
        coalesce(routed.target_table, published.omop_table) as omop_table,
        coalesce(routed.event_id, published.event_id) as event_id,
        count(routed.event_id) as count_routed,
        count(published.event_id) as count_published
    from routed
    full outer join published
        on routed.event_id = published.event_id
            and routed.target_table = published.omop_table
    group by all
)

select *
from matched
where count_routed != 1 or count_published != 1
