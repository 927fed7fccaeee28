{% test end_not_before_start(model, start, end) %}
select *
from {{ model }}
where {{ end }} < {{ start }}
{% endtest %}
