with

staged as (
    select * from {{ ref('stg_vocabulary__relationship') }}
),

relationships as (
    select
        relationship_id,
        relationship_name,
        is_hierarchical,
        defines_ancestry,
        reverse_relationship_id,
        cast(relationship_concept_id as int) as relationship_concept_id
    from staged
)

select * from relationships
