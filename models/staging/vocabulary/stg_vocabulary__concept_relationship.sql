with

base_rows as (
    select * from {{ ref('base_vocabulary__concept_relationship') }}
),

concept_relationships as (
    select
        concept_id_1,
        concept_id_2,
        relationship_id,
        valid_start_date,
        valid_end_date,
        invalid_reason,

        _file_path,
        _row_position,
        _loaded_at
    from base_rows
    where not is_quarantined
)

select * from concept_relationships
