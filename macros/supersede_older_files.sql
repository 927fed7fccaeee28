{% macro supersede_older_files() %}
    {#- In a post-hook: which file is the newest is known once the new ones are there. The path as a
        literal, as UPDATE in Delta Lake takes no subquery. -#}
    {%- if execute -%}
        {%- set standing %}
with

good_rows as (
    select * from {{ this }}
    where not is_quarantined
),

newest as (
    select max_by(_file_path, struct(_file_modified_at, _file_path)) as file_path
    from good_rows
)

-- no row where every row is marked as it should be
select distinct newest.file_path
from good_rows
cross join newest
where good_rows.is_superseded != (good_rows._file_path != newest.file_path)
        {%- endset -%}
        {%- for row in run_query(standing).rows %}
update {{ this }}
set is_superseded = _file_path != {{ sql_text(row.file_path) }}
where not is_quarantined
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}
