with

staged as (
    select * from {{ ref('stg_vocabulary__concept_synonym') }}
),

concept_synonyms as (
    select
        cast(concept_id as int) as concept_id,
        concept_synonym_name,
        cast(language_concept_id as int) as language_concept_id
    from staged
)

select * from concept_synonyms
