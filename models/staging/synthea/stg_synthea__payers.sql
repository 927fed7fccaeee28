-- Generated from feeds/ by `rwe feeds sync`. Do not edit: change the contract and run it again.
with

base_rows as (
    select * from {{ ref('base_synthea__payers') }}
),

payers as (
    select
        payer_id,
        payer_name,
        ownership,
        address,
        city,
        state,
        zip,
        phone,
        amount_covered,
        amount_uncovered,
        revenue,
        count_covered_encounters,
        count_uncovered_encounters,
        count_covered_medications,
        count_uncovered_medications,
        count_covered_procedures,
        count_uncovered_procedures,
        count_covered_immunizations,
        count_uncovered_immunizations,
        count_customers,
        quality_of_life_average,
        count_member_months,

        _header_generation,
        _file_path,
        _file_modified_at,
        _row_position,
        _loaded_at,
        _typing_version
    from base_rows
    where not is_quarantined and not is_superseded
)

select * from payers
