{% macro feed_findings(contract) -%}
    array_compact(array(
        case
            when found_fields is not null
                then {{ finding('FIELD_COUNT', "concat('found ', found_fields, ' fields, expected ', expected_fields)") }}
        end
        {%- for column in contract.columns %}
            {%- set text = column.name if column.type == 'text' else '_text_' ~ column.name %}
            {%- if column.required %},
        case
            when {{ text }} is null
                then {{ finding('MISSING_REQUIRED', sql_text(column.name ~ ' is missing')) }}
        end
            {%- endif %}
            {%- if column.type != 'text' %},
        case
            when {{ text }} is not null and {{ column.name }} is null
                then {{ finding('BAD_TYPE', found_text(column.name, text, 'expected ' ~ column.type)) }}
        end
            {%- endif %}
            {%- if column.accepted %},
        case
            when {{ text }} not in (
                {%- for value in column.accepted -%}
                    {{ sql_text(value) }}{{ ", " if not loop.last }}
                {%- endfor -%}
            )
                then {{ finding('NOT_ACCEPTED', found_text(column.name, text, 'expected one of ' ~ column.accepted | join(', '))) }}
        end
            {%- endif %}
            {%- if column.pattern %},
        case
            when not {{ text }} rlike {{ sql_text(column.pattern) }}
                then {{ finding('BAD_PATTERN', found_text(column.name, text, 'expected ' ~ column.pattern)) }}
        end
            {%- endif %}
        {%- endfor %}
        {%- for rule in contract.rules %},
        case
            when not ({{ rule.expect }})
                then {{ finding(rule.reason, sql_text('expected ' ~ rule.expect)) }}
        end
        {%- endfor %}
    ))
{%- endmacro %}
