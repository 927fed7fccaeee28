-- Of every contract's key there is one staged row, in all feeds.
with

keys as (
    {%- for feed, entity in accounted_entities() %}
    {%- set key = staged_key(feed, entity) %}
    select
        '{{ feed }}' as feed,
        '{{ entity }}' as entity,
        to_json(struct({{ key | join(', ') }})) as staged_key
    from {{ ref('base_' ~ feed ~ '__' ~ entity) }}
    where not is_quarantined and not is_superseded
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select
    feed,
    entity,
    staged_key,
    count(*) as count_rows
from keys
group by feed, entity, staged_key
having count(*) > 1
