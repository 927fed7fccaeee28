{% macro empty_cdm_table() -%}
    {%- if not execute -%}
select 1 as nothing
    {%- else -%}
select
        {%- for column in model.columns.values() %}
    cast(null as {{ column.data_type }}) as {{ column.name }}{{ "," if not loop.last }}
        {%- endfor %}
where false
    {%- endif -%}
{%- endmacro %}
