{% macro staged_entity(feed, entity) %}
{%- set contract = feed_contract(feed, entity) %}
{%- set staged_as = (contract or {}).get('staged_as', {}) %}
with

base_rows as (
    select * from {{ ref('base_' ~ feed ~ '__' ~ entity) }}
)

select
{%- if contract is none %}
    *
    {%- else %}
{%- for column in contract.columns %}
{{ column.name }}
{%- if column.name in staged_as %} as {{ staged_as[column.name] }}{% endif %},
{%- endfor %}
{%- if contract.get('totals') %}
    total_kinds,
{%- endif %}
{%- if contract.get('suppressed_when') %}
    is_suppressed,
{%- endif %}
    _header_generation,
    _file_path,
    _file_modified_at,
    _row_position,
    _loaded_at,
    _typing_version
{%- endif %}
from base_rows
where not is_quarantined
{% endmacro %}
