-- Generated from feeds/ by `rwe feeds sync`. Do not edit: change the contract and run it again.
with

base_rows as (
    select * from {{ ref('base_vocabulary__drug_strength') }}
),

drug_strength as (
    select
        drug_concept_id,
        ingredient_concept_id,
        amount_value,
        amount_unit_concept_id,
        numerator_value,
        numerator_unit_concept_id,
        denominator_value,
        denominator_unit_concept_id,
        box_size,
        valid_start_date,
        valid_end_date,
        invalid_reason,

        _header_generation,
        _file_path,
        _file_modified_at,
        _row_position,
        _loaded_at,
        _typing_version
    from base_rows
    where not is_quarantined and not is_superseded
)

select * from drug_strength
