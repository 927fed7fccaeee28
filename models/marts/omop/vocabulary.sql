with

staged as (
    select * from {{ ref('stg_vocabulary__vocabulary') }}
),

vocabularies as (
    select
        vocabulary_id,
        vocabulary_name,
        vocabulary_reference,
        vocabulary_version,
        cast(vocabulary_concept_id as int) as vocabulary_concept_id
    from staged
)

select * from vocabularies
