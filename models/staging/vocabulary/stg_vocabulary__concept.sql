with

base_rows as (
    select * from {{ ref('base_vocabulary__concept') }}
),

concepts as (
    select
        concept_id,
        concept_name,
        domain_id,
        vocabulary_id,
        concept_class_id,
        standard_concept,
        concept_code,
        valid_start_date,
        valid_end_date,
        invalid_reason,

        _file_path,
        _row_position,
        _loaded_at
    from base_rows
    where not is_quarantined
)

select * from concepts
