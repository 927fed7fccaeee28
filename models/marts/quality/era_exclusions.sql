with

condition_occurrences as (
    select * from {{ ref('condition_occurrence') }}
),

drug_exposures as (
    select * from {{ ref('drug_exposure') }}
),

ancestors as (
    select * from {{ ref('concept_ancestor') }}
),

concepts as (
    select * from {{ ref('concept') }}
),

-- drugs that contain a standard ingredient
drugs as (
    select distinct ancestors.descendant_concept_id as drug_concept_id
    from ancestors
    inner join concepts on ancestors.ancestor_concept_id = concepts.concept_id
    where
        concepts.concept_class_id = 'Ingredient'
        and concepts.vocabulary_id in ('RxNorm', 'RxNorm Extension')
        and concepts.standard_concept = 'S'
),

reasons as (
    select
        'condition_era' as era_table,
        case
            when condition_concept_id = 0 then 'CONCEPT_ZERO'
            when condition_end_date < condition_start_date then 'END_BEFORE_START'
        end as reason
    from condition_occurrences
    union all
    select
        'drug_era' as era_table,
        case
            when drug_exposures.drug_concept_id = 0 then 'CONCEPT_ZERO'
            when drugs.drug_concept_id is null then 'NO_INGREDIENT'
            when drug_exposures.days_supply < 0 then 'NEGATIVE_DAYS'
            when
                drug_exposures.drug_exposure_end_date < drug_exposures.drug_exposure_start_date
                then 'END_BEFORE_START'
        end as reason
    from drug_exposures
    left join drugs on drug_exposures.drug_concept_id = drugs.drug_concept_id
),

exclusions as (
    select
        era_table,
        reason,
        count(*) as count_rows
    from reasons
    where reason is not null
    group by era_table, reason
)

select * from exclusions
