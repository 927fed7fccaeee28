-- Generated from feeds/ by `rwe feeds sync`. Do not edit: change the contract and run it again.
with

base_rows as (
    select * from {{ ref('base_dk_medstat__population') }}
),

population as (
    select
        year,
        region_text as region_name,
        region,
        gender as sex,
        age,
        n as count_persons,
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

select * from population
