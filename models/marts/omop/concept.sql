with

staged as (
    select * from {{ ref('stg_vocabulary__concept') }}
),

released as (
    select
        cast(concept_id as int) as concept_id,
        concept_name,
        domain_id,
        vocabulary_id,
        concept_class_id,
        standard_concept,
        concept_code,
        valid_start_date,
        valid_end_date,
        invalid_reason
    from staged
),

-- the concept that every unmapped row points to; a cut of the vocabularies may lack it
no_matching_concept as (
    select
        0 as concept_id,
        'No matching concept' as concept_name,
        'Metadata' as domain_id,
        'None' as vocabulary_id,
        'Undefined' as concept_class_id,
        cast(null as string) as standard_concept,
        'No matching concept' as concept_code,
        date '1970-01-01' as valid_start_date,
        date '2099-12-31' as valid_end_date,
        cast(null as string) as invalid_reason
),

concepts as (
    select * from released
    union all
    select no_matching_concept.*
    from no_matching_concept
    left anti join released on no_matching_concept.concept_id = released.concept_id
)

select * from concepts
