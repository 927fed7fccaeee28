-- Generated from feeds/ by `rwe feeds sync`. Do not edit: change the contract and run it again.
with

base_rows as (
    select * from {{ ref('base_fr_open_medic__dispensing') }}
),

dispensing as (
    select
        year,
        atc1,
        atc1_label,
        atc2,
        atc2_label,
        atc3,
        atc3_label,
        atc4,
        atc4_label,
        atc5 as atc_code,
        atc5_label as substance_name,
        cip13,
        cip13_label as product_name,
        generic_status,
        generic_group,
        age_group,
        sex,
        patient_region,
        prescriber_specialty,
        boxes as count_packs,
        reimbursed_amount as amount_reimbursed_eur,
        reimbursement_base as amount_list_eur,

        _header_generation,
        _file_path,
        _file_modified_at,
        _row_position,
        _loaded_at,
        _typing_version
    from base_rows
    where not is_quarantined and not is_superseded
)

select * from dispensing
