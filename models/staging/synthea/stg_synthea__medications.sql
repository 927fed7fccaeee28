-- Generated from feeds/ by `rwe feeds sync`. Do not edit: change the contract and run it again.
with

base_rows as (
    select * from {{ ref('base_synthea__medications') }}
),

medications as (
    select
        start_at,
        stop_at,
        patient_id,
        payer_id,
        encounter_id,
        code,
        description,
        base_cost,
        payer_coverage,
        dispenses,
        total_cost,
        reason_code,
        reason_description,

        _header_generation,
        _file_path,
        _file_modified_at,
        _row_position,
        _loaded_at,
        _typing_version
    from base_rows
    where not is_quarantined and not is_superseded
)

select * from medications
