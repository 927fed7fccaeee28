{% macro only_months(months) %}
    {#- As literals: a condition on them goes through unions, windows and groups down to the files,
        and the feeds without a month to build are not read at all. A join does none of it. -#}
    {%- if not execute or not is_incremental() -%} {{ return('true') }} {%- endif -%}

    {%- set found = run_query(
        "select source_feed,"
        ~ " array_join(array_sort(collect_set(cast(period_start_date as string))), ' ') as starts"
        ~ " from (" ~ months ~ ") group by source_feed order by source_feed"
    ) -%}
    {%- set conditions = [] -%}
    {%- for row in found.rows -%}
        {%- do conditions.append(
            "source_feed = " ~ sql_text(row.source_feed)
            ~ " and period_start_date in (date '" ~ row.starts.split(' ') | join("', date '") ~ "')"
        ) -%}
    {%- endfor -%}
    {{ return('(' ~ conditions | join(' or ') ~ ')' if conditions else 'false') }}
{% endmacro %}
