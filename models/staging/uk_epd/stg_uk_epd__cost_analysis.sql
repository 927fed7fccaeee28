-- Generated from feeds/ by `rwe feeds sync`. Do not edit: change the contract and run it again.
with

base_rows as (
    select * from {{ ref('base_uk_epd__cost_analysis') }}
),

cost_analysis as (
    select
        year_month,
        region_name,
        region_code,
        icb_name,
        icb_code,
        dispenser_account_type,
        bnf_code,
        bnf_description,
        snomed_code,
        supplier_name,
        unit_of_measure,
        generic_bnf_code,
        generic_bnf_description,
        substance_code,
        substance_name,
        paragraph_code,
        paragraph_name,
        section_code,
        section_name,
        chapter_code,
        chapter_name,
        prep_class,
        prescribed_prep_class,
        items,
        total_quantity,
        nic,
        pharmacy_advanced_service,

        _header_generation,
        _file_path,
        _file_modified_at,
        _row_position,
        _loaded_at,
        _typing_version
    from base_rows
    where not is_quarantined and not is_superseded
)

select * from cost_analysis
