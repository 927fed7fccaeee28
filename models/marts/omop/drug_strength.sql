with

staged as (
    select * from {{ ref('stg_vocabulary__drug_strength') }}
),

drug_strengths as (
    select
        cast(drug_concept_id as int) as drug_concept_id,
        cast(ingredient_concept_id as int) as ingredient_concept_id,
        cast(amount_value as double) as amount_value,
        cast(amount_unit_concept_id as int) as amount_unit_concept_id,
        cast(numerator_value as double) as numerator_value,
        cast(numerator_unit_concept_id as int) as numerator_unit_concept_id,
        cast(denominator_value as double) as denominator_value,
        cast(denominator_unit_concept_id as int) as denominator_unit_concept_id,
        cast(box_size as int) as box_size,
        valid_start_date,
        valid_end_date,
        invalid_reason
    from staged
)

select * from drug_strengths
