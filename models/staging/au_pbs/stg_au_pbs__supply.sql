-- Generated from feeds/ by `rwe feeds sync`. Do not edit: change the contract and run it again.
with

base_rows as (
    select * from {{ ref('base_au_pbs__supply') }}
),

supply as (
    select
        posted_date,
        month_of_supply as period_start_date,
        item_code,
        drug_type,
        patient_category,
        pharmacy_type,
        script_type,
        prescriptions as count_items,
        patient_contrib as amount_patient_ceiling_aud,
        govt_contrib as amount_government_aud,
        total_cost as amount_total_aud,
        retail_markup as amount_markup_aud,
        patient_net_contrib as amount_patient_aud,

        _header_generation,
        _file_path,
        _file_modified_at,
        _row_position,
        _loaded_at,
        _typing_version
    from base_rows
    where not is_quarantined and not is_superseded
)

select * from supply
