{% macro cdm_columns() -%}
    {#- Asked for before the statement, because a table cannot be made from the information schema
        everywhere. The first row is no column, so that there is always one. -#}
    {%- set rows = ["('', '', '')"] -%}
    {%- if execute -%}
        {%- set found = run_query(
            "select lower(table_name), lower(column_name), upper(data_type)"
            ~ " from system.information_schema.columns where table_catalog = '" ~ model.database
            ~ "' and table_schema = '" ~ generate_schema_name('omop', model) ~ "'"
        ) -%}
        {%- for row in found.rows -%}
            {%- do rows.append("('" ~ row[0] ~ "', '" ~ row[1] ~ "', '" ~ row[2] ~ "')") -%}
        {%- endfor -%}
    {%- endif -%}
    {{ rows | join(', ') }}
{%- endmacro %}
