with

events as (
    select * from {{ ref('int_omop__events_routed') }}
    where person_id is not null
),

-- conditions, and what was done because of a condition; the condition first on its own day
reasons as (
    select
        person_id,
        source_code as condition_code,
        start_date,
        event_id as condition_id,
        cast(null as bigint) as event_id,
        cast(null as int) as domain_concept_id
    from events
    where target_table = 'condition_occurrence' and entity = 'conditions'
    union all
    select
        person_id,
        reason_code as condition_code,
        start_date,
        cast(null as bigint) as condition_id,
        event_id,
        case target_table when 'drug_exposure' then 13 when 'procedure_occurrence' then 10 end
            as domain_concept_id
    from events
    where reason_code is not null and target_table in ('drug_exposure', 'procedure_occurrence')
),

-- the last condition of the code that began on the day or before
followed as (
    select
        event_id,
        domain_concept_id,
        last_value(condition_id) ignore nulls over (
            partition by person_id, condition_code
            order by start_date asc, condition_id is null asc, condition_id asc, event_id asc
            rows between unbounded preceding and current row
        ) as condition_id
    from reasons
),

pairs as (
    select
        event_id,
        domain_concept_id,
        condition_id
    from followed
    where event_id is not null and condition_id is not null
),

-- both directions: the event is due to the condition
fact_relationships as (
    select
        domain_concept_id as domain_concept_id_1,
        event_id as fact_id_1,
        19 as domain_concept_id_2,
        condition_id as fact_id_2,
        44818780 as relationship_concept_id
    from pairs
    union all
    select
        19 as domain_concept_id_1,
        condition_id as fact_id_1,
        domain_concept_id as domain_concept_id_2,
        event_id as fact_id_2,
        44818878 as relationship_concept_id
    from pairs
)

select * from fact_relationships
