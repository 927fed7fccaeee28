with

base_rows as (
    select * from {{ ref('base_vocabulary__drug_strength') }}
),

drug_strengths as (
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

        _file_path,
        _row_position,
        _loaded_at
    from base_rows
    where not is_quarantined
)

select * from drug_strengths
