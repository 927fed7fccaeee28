{% macro published_events() -%}
    {%- set event_tables = [
        'condition_occurrence', 'drug_exposure', 'procedure_occurrence', 'device_exposure', 'measurement',
        'observation', 'specimen',
    ] -%}
    {%- for table in event_tables %}
    select
        '{{ table }}' as omop_table,
        {{ table }}_id as event_id
    from {{ ref(table) }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
{%- endmacro %}
