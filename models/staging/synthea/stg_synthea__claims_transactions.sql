-- Generated from feeds/ by `rwe feeds sync`. Do not edit: change the contract and run it again.
with

base_rows as (
    select * from {{ ref('base_synthea__claims_transactions') }}
),

claims_transactions as (
    select
        transaction_id,
        claim_id,
        charge_number,
        patient_id,
        transaction_type,
        amount,
        payment_method,
        from_at,
        to_at,
        organization_id,
        procedure_code,
        modifier_1,
        modifier_2,
        diagnosis_number_1,
        diagnosis_number_2,
        diagnosis_number_3,
        diagnosis_number_4,
        units,
        department_id,
        notes,
        unit_amount,
        transfer_out_id,
        transfer_type,
        payments,
        adjustments,
        transfers,
        outstanding,
        encounter_id,
        line_note,
        insured_id,
        fee_schedule_id,
        provider_id,
        supervising_provider_id,

        _header_generation,
        _file_path,
        _file_modified_at,
        _row_position,
        _loaded_at,
        _typing_version
    from base_rows
    where not is_quarantined and not is_superseded
)

select * from claims_transactions
