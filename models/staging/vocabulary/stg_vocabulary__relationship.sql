with

base_rows as (
    select * from {{ ref('base_vocabulary__relationship') }}
),

relationships as (
    select
        relationship_id,
        relationship_name,
        is_hierarchical,
        defines_ancestry,
        reverse_relationship_id,
        relationship_concept_id,

        _file_path,
        _row_position,
        _loaded_at
    from base_rows
    where not is_quarantined
)

select * from relationships
