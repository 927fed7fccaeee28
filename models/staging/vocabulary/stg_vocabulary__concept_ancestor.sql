with

base_rows as (
    select * from {{ ref('base_vocabulary__concept_ancestor') }}
),

concept_ancestors as (
    select
        ancestor_concept_id,
        descendant_concept_id,
        min_levels_of_separation,
        max_levels_of_separation,

        _file_path,
        _row_position,
        _loaded_at
    from base_rows
    where not is_quarantined
)

select * from concept_ancestors
