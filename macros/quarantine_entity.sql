{% macro quarantine_entity(feed, entity) %}
with

base_rows as (
    select * from {{ ref('base_' ~ feed ~ '__' ~ entity) }}
)

select
    '{{ feed }}' as feed,
    '{{ entity }}' as entity,
    _file_path as file_path,
    _row_position as row_position,
    quarantine_reasons[0] as reason_code,
    quarantine_reasons as reason_codes,
    quarantine_details as reason_detail,
    raw_record,
    _loaded_at as loaded_at
from base_rows
where is_quarantined
{% endmacro %}
