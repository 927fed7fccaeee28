with

staged as (
    select * from {{ ref('stg_vocabulary__concept_class') }}
),

concept_classes as (
    select
        concept_class_id,
        concept_class_name,
        cast(concept_class_concept_id as int) as concept_class_concept_id
    from staged
)

select * from concept_classes
