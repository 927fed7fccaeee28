{% macro quarantine_feed(feed) %}
with
    {%- set entities = [] -%}
    {%- for one, entity in accounted_entities() if one == feed -%}
        {%- do entities.append(entity) -%}
    {%- endfor %}

base_rows as (
    {%- for entity in entities %}
    select
        '{{ entity }}' as entity,
        _file_path,
        _row_position,
        quarantine_reasons,
        quarantine_details,
        raw_record,
        _loaded_at
    from {{ ref('base_' ~ feed ~ '__' ~ entity) }}
    where is_quarantined
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select
    '{{ feed }}' as feed,
    entity,
    _file_path as file_path,
    _row_position as row_position,
    quarantine_reasons[0] as reason_code,
    quarantine_reasons as reason_codes,
    quarantine_details as reason_detail,
    raw_record,
    _loaded_at as loaded_at
from base_rows
{% endmacro %}
