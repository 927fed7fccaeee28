{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- set layer = custom_schema_name | trim if custom_schema_name else none -%}
    {%- if layer is none -%}
        {{ target.schema }}
    {%- elif target.name in ('local', 'prod') -%}
        {{ layer }}
    {%- else -%}
        {{ target.schema }}_{{ layer }}
    {%- endif -%}
{%- endmacro %}
