{% macro sql_text(value) -%}
    '{{ value | replace("\\", "\\\\") | replace("'", "\\'") | replace("\t", "\\t") }}'
{%- endmacro %}
