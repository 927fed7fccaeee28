with

base_rows as (
    select * from {{ ref('base_uk_epd__prescribing') }}
),

prescribing as (
    select
        year_month as period_start_date,
        practice_code,
        pco_code,
        area_code,
        regional_office_code,
        bnf_code,
        bnf_chemical_substance_code,
        snomed_code,

        practice_name,
        pco_name,
        area_name,
        regional_office_name,
        bnf_description,
        bnf_chemical_substance_name,
        bnf_chapter_plus_code,

        quantity as quantity_per_item,
        items as count_items,
        total_quantity as quantity_units,
        adq_usage as quantity_adq,
        nic as amount_list_gbp,
        actual_cost as amount_actual_cost_gbp,

        unidentified = 'Y' as is_practice_unidentified,

        _header_generation,
        _file_path,
        _row_position,
        _loaded_at,
        _typing_version
    from base_rows
    where not is_quarantined
)

select * from prescribing
