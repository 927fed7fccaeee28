{% macro clean_text(expression, null_tokens) -%}
    {%- set trimmed = "btrim(" ~ expression ~ ", ' \\t\\r\\n')" -%}
    case
        when {{ trimmed }} not in (
            {%- for token in null_tokens -%}
                {{ sql_text(token) }}{{ ", " if not loop.last }}
            {%- endfor -%}
        ) then {{ trimmed }}
    end
{%- endmacro %}
