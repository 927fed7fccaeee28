{% test measures_state_why_missing(model, measures, reasons) %}
with

judged as (
    {% for measure in measures %}
    select
        '{{ measure }}' as measure,
        {{ measure }}_missing_reason as missing_reason
    from {{ model }}
    where
        ({{ measure }} is null) != ({{ measure }}_missing_reason is not null)
        or {{ measure }}_missing_reason not in ('{{ reasons | join("', '") }}')
    {{ "union all" if not loop.last }}
    {% endfor %}
)

select
    measure,
    missing_reason,
    count(*) as count_rows
from judged
group by measure, missing_reason
{% endtest %}
