{% macro months_per_period(grain) -%}
    case {{ grain }} when 'month' then 1 when 'quarter' then 3 else 12 end
{%- endmacro %}
