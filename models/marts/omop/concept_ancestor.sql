with

staged as (
    select * from {{ ref('stg_vocabulary__concept_ancestor') }}
),

concept_ancestors as (
    select
        cast(ancestor_concept_id as int) as ancestor_concept_id,
        cast(descendant_concept_id as int) as descendant_concept_id,
        cast(min_levels_of_separation as int) as min_levels_of_separation,
        cast(max_levels_of_separation as int) as max_levels_of_separation
    from staged
)

select * from concept_ancestors
