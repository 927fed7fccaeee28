-- Generated from feeds/ by `rwe feeds sync`. Do not edit: change the contract and run it again.
with

base_rows as (
    select * from {{ ref('base_br_sngpc__dispensing') }}
),

dispensing as (
    select
        year,
        month,
        state,
        municipality,
        active_ingredient,
        presentation,
        quantity as count_packs,
        unit as unit_name,
        prescriber_council,
        prescriber_state,
        prescription_type,
        icd10 as icd10_code,
        sex,
        age,
        age_unit,

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
