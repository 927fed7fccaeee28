{%- set measures = [
    'total_charge', 'total_cost', 'total_paid', 'paid_by_payer', 'paid_by_patient',
] %}

with

events as (
    select * from {{ ref('int_omop__events_routed') }}
),

visit_details as (
    select * from {{ ref('int_omop__visit_details_mapped') }}
),

transactions as (
    select * from {{ ref('stg_synthea__claims_transactions') }}
),

-- what was charged and paid for an encounter; payers pay by ECHECK, patients in every other way
claimed as (
    select
        encounter_id,
        sum(case when transaction_type = 'CHARGE' then amount end) as total_charge,
        sum(payments) as total_paid,
        sum(case when payment_method = 'ECHECK' then payments end) as paid_by_payer,
        sum(case when payment_method != 'ECHECK' then payments end) as paid_by_patient
    from transactions
    group by encounter_id
),

visit_costs as (
    select
        visit_details.visit_occurrence_id as cost_event_id,
        'Visit' as cost_domain_id,
        sum(claimed.total_charge) as total_charge,
        sum(visit_details.total_claim_cost_usd) as total_cost,
        sum(claimed.total_paid) as total_paid,
        coalesce(sum(claimed.paid_by_payer), sum(visit_details.payer_coverage_usd))
            as paid_by_payer,
        sum(claimed.paid_by_patient) as paid_by_patient
    from visit_details
    left join claimed on visit_details.encounter_id = claimed.encounter_id
    where visit_details.person_id is not null
    group by visit_details.visit_occurrence_id
),

-- an event that is published several times costs once: at its smallest identifier
event_costs as (
    select
        min(event_id) as cost_event_id,
        min_by(
            case target_table
                when 'drug_exposure' then 'Drug'
                when 'procedure_occurrence' then 'Procedure'
                when 'measurement' then 'Measurement'
                when 'device_exposure' then 'Device'
                when 'condition_occurrence' then 'Condition'
                when 'specimen' then 'Specimen'
                else 'Observation'
            end,
            event_id
        ) as cost_domain_id,
        cast(null as decimal(18, 4)) as total_charge,
        max(cost_usd) as total_cost,
        cast(null as decimal(18, 4)) as total_paid,
        max(payer_coverage_usd) as paid_by_payer,
        cast(null as decimal(18, 4)) as paid_by_patient
    from events
    where person_id is not null and cost_usd is not null
    group by source_row_id
),

united as (
    select * from visit_costs
    union all
    select * from event_costs
),

costs as (
    select
        {{ hash_id('cost', ['cost_domain_id', 'cost_event_id']) }} as cost_id,
        cost_event_id,
        cost_domain_id,
        32814 as cost_type_concept_id,
        44818668 as currency_concept_id,
        {%- for measure in measures %}
        cast({{ measure }} as double) as {{ measure }},
        {%- endfor %}
        cast(null as double) as paid_patient_copay,
        cast(null as double) as paid_patient_coinsurance,
        cast(null as double) as paid_patient_deductible,
        cast(null as double) as paid_by_primary,
        cast(null as double) as paid_ingredient_cost,
        cast(null as double) as paid_dispensing_fee,
        cast(null as bigint) as payer_plan_period_id,
        cast(null as double) as amount_allowed,
        cast(null as int) as revenue_code_concept_id,
        cast(null as string) as revenue_code_source_value,
        cast(null as int) as drg_concept_id,
        cast(null as string) as drg_source_value
    from united
)

select * from costs
