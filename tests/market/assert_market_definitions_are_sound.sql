-- A definition has one name and one grain of competitors and includes something; a rule can match:
-- ATC codes as WHO writes them, molecules in lower case as dim_product has them.
with

rules as (
    select * from {{ ref('market_definitions') }}
),

definitions as (
    select
        definition_code,
        count(distinct definition_name) as count_names,
        count(distinct competitor_grain) as count_grains,
        count_if(rule_effect = 'include') as count_includes
    from rules
    group by definition_code
),

faults as (
    select
        definition_code,
        'expected one definition_name and one competitor_grain in all of its rules' as fault
    from definitions
    where count_names != 1 or count_grains != 1
    union all
    select
        definition_code,
        'expected a rule that includes' as fault
    from definitions
    where count_includes = 0
    union all
    select
        definition_code,
        concat('expected the beginning of an ATC code, found ', rule_value) as fault
    from rules
    where
        rule_axis = 'atc'
        and not rlike(rule_value, '^[A-Z]([0-9]{2}([A-Z]([A-Z]([0-9]{2})?)?)?)?$')
    union all
    select
        definition_code,
        concat('expected a molecule in lower case without blanks around it, found ', rule_value)
            as fault
    from rules
    where rule_axis = 'molecule' and rule_value != lower(trim(rule_value))
)

select * from faults
