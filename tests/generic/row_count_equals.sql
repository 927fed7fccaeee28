{% test row_count_equals(model, compare_to, where="true", compare_where="true") %}
with

counted as (
    select
        (select count(*) from {{ model }} where {{ where }}) as count_rows,
        (select count(*) from {{ compare_to }} where {{ compare_where }}) as count_expected
)

select *
from counted
where count_rows != count_expected
{% endtest %}
