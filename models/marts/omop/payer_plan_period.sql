with

transitions as (
    select * from {{ ref('stg_synthea__payer_transitions') }}
),

persons as (
    select * from {{ ref('int_omop__persons_mapped') }}
),

payers as (
    select * from {{ ref('stg_synthea__payers') }}
),

-- the end of a span is the begin of the next one, so the last day is the day before
payer_plan_periods as (
    select
        {{ hash_id('payer_plan_period', [
            "'synthea'", 'transitions.patient_id', 'transitions.start_at', 'transitions.payer_id'
        ]) }} as payer_plan_period_id,
        persons.person_id,
        cast(transitions.start_at as date) as payer_plan_period_start_date,
        greatest(
            cast(transitions.start_at as date), date_sub(cast(transitions.end_at as date), 1)
        ) as payer_plan_period_end_date,
        0 as payer_concept_id,
        coalesce(payers.payer_name, transitions.payer_id) as payer_source_value,
        0 as payer_source_concept_id,
        0 as plan_concept_id,
        transitions.plan_ownership as plan_source_value,
        0 as plan_source_concept_id,
        0 as sponsor_concept_id,
        cast(null as string) as sponsor_source_value,
        0 as sponsor_source_concept_id,
        transitions.member_id as family_source_value,
        0 as stop_reason_concept_id,
        cast(null as string) as stop_reason_source_value,
        0 as stop_reason_source_concept_id
    from transitions
    inner join persons on transitions.patient_id = persons.patient_id
    left join payers on transitions.payer_id = payers.payer_id
)

select * from payer_plan_periods
