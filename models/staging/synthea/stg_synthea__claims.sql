-- Generated from feeds/ by `rwe feeds sync`. Do not edit: change the contract and run it again.
with

base_rows as (
    select * from {{ ref('base_synthea__claims') }}
),

claims as (
    select
        claim_id,
        patient_id,
        provider_id,
        primary_payer_id,
        secondary_payer_id,
        department_id,
        patient_department_id,
        diagnosis_code_1,
        diagnosis_code_2,
        diagnosis_code_3,
        diagnosis_code_4,
        diagnosis_code_5,
        diagnosis_code_6,
        diagnosis_code_7,
        diagnosis_code_8,
        referring_provider_id,
        encounter_id,
        illness_at,
        service_at,
        supervising_provider_id,
        status_1,
        status_2,
        status_patient,
        outstanding_1,
        outstanding_2,
        outstanding_patient,
        last_billed_1_at,
        last_billed_2_at,
        last_billed_patient_at,
        claim_type_1,
        claim_type_2,

        _header_generation,
        _file_path,
        _file_modified_at,
        _row_position,
        _loaded_at,
        _typing_version
    from base_rows
    where not is_quarantined and not is_superseded
)

select * from claims
