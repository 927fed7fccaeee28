with

base_rows as (
    select * from {{ ref('base_vocabulary__concept_class') }}
),

concept_classes as (
    select
        concept_class_id,
        concept_class_name,
        concept_class_concept_id,

        _file_path,
        _row_position,
        _loaded_at
    from base_rows
    where not is_quarantined
)

select * from concept_classes
