-- Generated from feeds/ by `rwe feeds sync`. Do not edit: change the contract and run it again.
with

base_rows as (
    select * from {{ ref('base_dk_medstat__sales') }}
),

sales as (
    select
        atc as atc_code,
        year,
        sector,
        region,
        sex,
        age,
        persons as count_persons,
        persons_per_1000,
        turnover as turnover_thousand_dkk,
        regional_grant as grant_thousand_dkk,
        quantity as quantity_thousand_units,
        did as did_published,
        primary_share,
        end as line_end,
        total_kinds,

        _header_generation,
        _file_path,
        _file_modified_at,
        _row_position,
        _loaded_at,
        _typing_version
    from base_rows
    where not is_quarantined and not is_superseded
)

select * from sales
