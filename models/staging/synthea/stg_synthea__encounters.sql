with

base_rows as (
    select * from {{ ref('base_synthea__encounters') }}
),

encounters as (
    select
        encounter_id,
        patient_id,
        organization_id,
        provider_id,
        payer_id,

        encounter_class,
        code as encounter_code,
        description as encounter_description,
        reason_code,
        reason_description,

        base_encounter_cost as base_cost_usd,
        total_claim_cost as total_claim_cost_usd,
        payer_coverage as payer_coverage_usd,

        start_at,
        stop_at,

        _file_path,
        _row_position,
        _loaded_at
    from base_rows
    where not is_quarantined and not is_superseded
)

select * from encounters
