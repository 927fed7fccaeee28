with

concepts as (
    select * from {{ ref('stg_vocabulary__concept') }}
),

relationships as (
    select * from {{ ref('stg_vocabulary__concept_relationship') }}
),

local_codes as (
    select * from {{ ref('source_to_concept_map') }}
),

standard_concepts as (
    select
        cast(concept_id as int) as concept_id,
        domain_id
    from concepts
    where standard_concept = 'S' and invalid_reason is null
),

-- one concept per code: the valid one where a vocabulary re-used a code
source_concepts as (
    select
        vocabulary_id,
        concept_code,
        cast(
            min_by(concept_id, struct(invalid_reason is not null, concept_id)) as int
        ) as concept_id
    from concepts
    where concept_id != 0
    group by vocabulary_id, concept_code
),

maps_to as (
    select
        relationships.concept_id_1 as source_concept_id,
        standard_concepts.concept_id as target_concept_id,
        standard_concepts.domain_id as target_domain_id
    from relationships
    inner join standard_concepts on relationships.concept_id_2 = standard_concepts.concept_id
    where relationships.relationship_id = 'Maps to' and relationships.invalid_reason is null
),

mapped_by_vocabulary as (
    select
        source_concepts.vocabulary_id as source_vocabulary_id,
        source_concepts.concept_code as source_code,
        source_concepts.concept_id as source_concept_id,
        coalesce(maps_to.target_concept_id, 0) as target_concept_id,
        maps_to.target_domain_id
    from source_concepts
    left join maps_to on source_concepts.concept_id = maps_to.source_concept_id
),

-- a target that the loaded vocabulary lacks is no target
mapped_by_hand as (
    select
        local_codes.source_vocabulary_id,
        local_codes.source_code,
        local_codes.source_concept_id,
        coalesce(standard_concepts.concept_id, 0) as target_concept_id,
        standard_concepts.domain_id as target_domain_id
    from local_codes
    left join standard_concepts on local_codes.target_concept_id = standard_concepts.concept_id
    where local_codes.invalid_reason is null
),

codes as (
    select * from mapped_by_vocabulary
    union all
    select * from mapped_by_hand
)

select * from codes
