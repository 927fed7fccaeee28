{% macro text_code(columns) -%}
    left(
        sha2(
            concat_ws(
                '|',
{%- for column in columns %}
                upper(regexp_replace({{ column }}, '\\s+', ' ')){{ "," if not loop.last }}
{%- endfor %}
            ),
            256
        ),
        16
    )
{%- endmacro %}
