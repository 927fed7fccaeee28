with

staged as (
    select * from {{ ref('stg_vocabulary__concept_relationship') }}
),

concept_relationships as (
    select
        cast(concept_id_1 as int) as concept_id_1,
        cast(concept_id_2 as int) as concept_id_2,
        relationship_id,
        valid_start_date,
        valid_end_date,
        invalid_reason
    from staged
)

select * from concept_relationships
