with

rules as (
    select * from {{ ref('market_definitions') }}
)

select
    definition_code,
    min(definition_name) as definition_name,
    min(competitor_grain) as competitor_grain,
    array_join(
        array_sort(collect_list(concat_ws(' ', rule_effect, rule_axis, rule_value))), '; '
    ) as rules_text,
    count(*) as count_rules
from rules
group by definition_code
