-- Generated from feeds/ by `rwe feeds sync`. Do not edit: change the contract and run it again.
with

base_rows as (
    select * from {{ ref('base_synthea__allergies') }}
),

allergies as (
    select
        start_date,
        stop_date,
        patient_id,
        encounter_id,
        code,
        code_system,
        description,
        allergy_type,
        category,
        reaction_code_1,
        reaction_description_1,
        reaction_severity_1,
        reaction_code_2,
        reaction_description_2,
        reaction_severity_2,

        _header_generation,
        _file_path,
        _file_modified_at,
        _row_position,
        _loaded_at,
        _typing_version
    from base_rows
    where not is_quarantined and not is_superseded
)

select * from allergies
