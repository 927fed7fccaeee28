-- Generated from feeds/ by `rwe feeds sync`. Do not edit: change the contract and run it again.
with

base_rows as (
    select * from {{ ref('base_dk_medstat__groups') }}
),

groups as (
    select
        atc as atc_code,
        text as atc_name,
        narrow as narrow_text,
        unit as unit_name,
        language as language_code,
        end as line_end,

        _header_generation,
        _file_path,
        _file_modified_at,
        _row_position,
        _loaded_at,
        _typing_version
    from base_rows
    where not is_quarantined and not is_superseded
)

select * from groups
