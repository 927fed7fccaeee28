-- Of every contract's key there is one staged row, in all feeds; the parts of a key are text or dates.
with

keys as (
    {%- for feed, entity in accounted_entities() %}
    {%- set contract = feed_contract(feed, entity) %}
    select
        '{{ feed }}' as feed,
        '{{ entity }}' as entity,
        {%- if contract is none or not contract.key %}
        uuid() as staged_key
        {%- else %}
        to_json(struct({{ contract.key | join(', ') }})) as staged_key
        {%- endif %}
    from {{ ref('base_' ~ feed ~ '__' ~ entity) }}
    where {{ "not is_quarantined" if contract is none or contract.key else "false" }}
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
