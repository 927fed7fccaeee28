-- Generated from feeds/ by `rwe feeds sync`. Do not edit: change the contract and run it again.
with

base_rows as (
    select * from {{ ref('base_synthea__imaging_studies') }}
),

imaging_studies as (
    select
        study_id,
        study_at,
        patient_id,
        encounter_id,
        series_uid,
        body_site_code,
        body_site_description,
        modality_code,
        modality_description,
        instance_uid,
        sop_code,
        sop_description,
        procedure_code,

        _header_generation,
        _file_path,
        _file_modified_at,
        _row_position,
        _loaded_at,
        _typing_version
    from base_rows
    where not is_quarantined and not is_superseded
)

select * from imaging_studies
