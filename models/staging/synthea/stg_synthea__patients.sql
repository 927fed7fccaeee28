with

base_rows as (
    select * from {{ ref('base_synthea__patients') }}
),

patients as (
    select
        patient_id,

        gender,
        race,
        ethnicity,
        marital_status,
        zip,
        city,
        county,
        state,

        birth_date,
        death_date,

        _file_path,
        _row_position,
        _loaded_at
    from base_rows
    where not is_quarantined and not is_superseded
)

select * from patients
