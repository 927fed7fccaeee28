{% macro delete_rows_gone_from(relation, columns) %}
    {#- As literals: Delta Lake takes no subquery in DELETE, and Databricks prunes by them. -#}
    {%- if execute and is_incremental() -%}
        {%- set gone = run_query(
            "select distinct " ~ columns | join(', ') ~ " from " ~ this
            ~ " except select " ~ columns | join(', ') ~ " from " ~ relation
        ) -%}
        {%- if gone.rows | length > 0 %}
delete from {{ this }}
where
            {%- for row in gone.rows %}
    {{ "or " if not loop.first }}(
                {%- for value in row.values() -%}
        cast({{ columns[loop.index0] }} as string) = {{ sql_text(value | string) }}{{ " and " if not loop.last }}
                {%- endfor -%}
    )
            {%- endfor %}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
