-- condition_occurrence holds standard concepts of domain Condition, or concept 0.
with

occurrences as (
    select * from {{ ref('condition_occurrence') }}
),

concepts as (
    select * from {{ ref('concept') }}
)

select
    occurrences.condition_concept_id,
    concepts.domain_id,
    concepts.standard_concept
from occurrences
inner join concepts on occurrences.condition_concept_id = concepts.concept_id
where occurrences.condition_concept_id != 0
    and (concepts.domain_id != 'Condition' or concepts.standard_concept is distinct from 'S')
