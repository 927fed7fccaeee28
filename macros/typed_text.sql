{% macro typed_text(expression, type, decimal=".") -%}
    {%- if type == 'text' -%}
        {{ expression }}
    {%- elif type == 'integer' -%}
        try_cast({{ expression }} as bigint)
    {%- elif type == 'boolean' -%}
        try_cast({{ expression }} as boolean)
    {%- elif type.startswith('decimal') -%}
        {#- Where a comma is the decimal separator a full stop stands before groups of three digits only:
            12.50 there is a number of another spelling, and no 1250. -#}
        {%- set number = expression if decimal == '.'
            else "case when " ~ expression ~ " rlike '^[+-]?([0-9]+|[0-9]{1,3}([.][0-9]{3})+)?(,[0-9]+)?$' "
                ~ "then replace(replace(" ~ expression ~ ", '.', ''), ',', '.') end" -%}
        {#- The same number with every digit the text has: what the contract's scale rounds away must
            be the noise of a binary fraction (438.5924999999999), less than a thousandth of the last
            digit that is kept. -#}
        {%- set precision, scale = type[8:-1].split(',') | map('int') -%}
        {%- set noise = '0.' ~ '0' * (scale + 2) ~ '1' -%}
        {%- set exact_type = "decimal(38," ~ (38 - precision + scale) ~ ")" -%}
        case
            when abs(
                try_cast({{ number }} as {{ exact_type }}) - try_cast({{ number }} as {{ type }})
            ) < {{ noise }}
                then try_cast({{ number }} as {{ type }})
        end
    {%- elif type == 'date' -%}
        case
            when {{ expression }} rlike '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'
                then try_cast({{ expression }} as date)
        end
    {%- elif type == 'date_compact' -%}
        case
            when {{ expression }} rlike '^[0-9]{8}$'
                then try_cast(
                    concat_ws(
                        '-',
                        substring({{ expression }}, 1, 4),
                        substring({{ expression }}, 5, 2),
                        substring({{ expression }}, 7, 2)
                    ) as date
                )
        end
    {%- elif type == 'date_day_first' -%}
        case
            when {{ expression }} rlike '^[0-9]{2}/[0-9]{2}/[0-9]{4}$'
                then try_cast(
                    concat_ws(
                        '-',
                        substring({{ expression }}, 7, 4),
                        substring({{ expression }}, 4, 2),
                        substring({{ expression }}, 1, 2)
                    ) as date
                )
        end
    {%- elif type == 'period_month' -%}
        case
            when {{ expression }} rlike '^[0-9]{4}[-_]?[0-9]{2}$'
                then try_cast(
                    concat_ws('-', left({{ expression }}, 4), right({{ expression }}, 2), '01') as date
                )
        end
    {%- elif type == 'timestamp' -%}
        case
            when {{ expression }} rlike '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?Z$'
                then try_cast({{ expression }} as timestamp)
        end
    {%- else -%}
        {{ exceptions.raise_compiler_error(
            "A contract's column has type '" ~ type ~ "'. Expected text, integer, boolean, decimal(p,s), date, "
            ~ "date_compact, date_day_first, period_month or timestamp: change feeds/<feed>.yml and run `rwe feeds sync`."
        ) }}
    {%- endif -%}
{%- endmacro %}
