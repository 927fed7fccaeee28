{% test dqd_passes(model, severities) %}
select *
from {{ model }}
where status in ('FAILED', 'NOT_RUN') and severity in ('{{ severities | join("', '") }}')
{% endtest %}
