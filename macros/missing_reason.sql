{% macro missing_reason(measure, reason) -%}
    case when {{ measure }} is null then '{{ reason }}' end
{%- endmacro %}
