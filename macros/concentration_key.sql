{% macro concentration_key() -%}
    definition_code, market_code, period_grain, window_code, period_start_date, measure_code
{%- endmacro %}
