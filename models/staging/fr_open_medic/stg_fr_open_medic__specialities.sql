-- Generated from feeds/ by `rwe feeds sync`. Do not edit: change the contract and run it again.
with

base_rows as (
    select * from {{ ref('base_fr_open_medic__specialities') }}
),

specialities as (
    select
        cis,
        name as speciality_name,
        form as form_name,
        routes,
        status,
        procedure,
        marketing,
        authorised_date,
        bdm_status,
        eu_number,
        holder as holder_name,
        watched,

        _header_generation,
        _file_path,
        _file_modified_at,
        _row_position,
        _loaded_at,
        _typing_version
    from base_rows
    where not is_quarantined and not is_superseded
)

select * from specialities
