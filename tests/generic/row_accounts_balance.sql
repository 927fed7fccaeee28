{% test row_accounts_balance(model, total, parts) %}
select *
from {{ model }}
where {{ total }} is distinct from {{ parts | join(' + ') }}
{% endtest %}
