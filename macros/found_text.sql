{% macro found_text(column_name, text, expectation) -%}
    concat({{ sql_text(column_name ~ ' is "') }}, left({{ text }}, 100), {{ sql_text('", ' ~ expectation) }})
{%- endmacro %}
