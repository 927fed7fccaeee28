with

base_rows as (
    select * from {{ ref('base_synthea__conditions') }}
),

conditions as (
    select
        patient_id,
        encounter_id,

        -- the system came with Synthea 3.3; before it every code was SNOMED CT
        case
            when code_system is null or lower(code_system) like '%snomed%' then 'SNOMED'
            else code_system
        end as vocabulary_id,
        code as condition_code,
        description as condition_description,

        start_date,
        stop_date,

        _file_path,
        _row_position,
        _loaded_at
    from base_rows
    where not is_quarantined and not is_superseded
)

select * from conditions
