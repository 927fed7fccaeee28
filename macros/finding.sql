{% macro finding(reason, detail) -%}
    named_struct('reason', '{{ reason }}', 'detail', {{ detail }})
{%- endmacro %}
