-- Every routed row of a person is in the table it was routed to, once, and no table has another.
{%- set event_tables = [
    'condition_occurrence', 'drug_exposure', 'procedure_occurrence', 'device_exposure', 'measurement',
    'observation', 'specimen',
] %}

with

routed as (
    select * from {{ ref('int_omop__events_routed') }}
    where person_id is not null
),

published as (
    {%- for table in event_tables %}
    select
        '{{ table }}' as omop_table,
        {{ table }}_id as event_id
    from {{ ref(table) }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
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
