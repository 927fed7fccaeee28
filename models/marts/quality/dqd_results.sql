with

checks as (
    select * from {{ ref('dqd_checks') }}
),

row_counts as (
    select * from {{ ref('dqd_counts') }}
),

concepts_used as (
    select * from {{ ref('concepts_used') }}
),

concepts as (
    select * from {{ ref('concept') }}
),

ancestors as (
    select * from {{ ref('concept_ancestor') }}
),

-- what the catalog says of the tables
fields as (
    select
        cdm_table,
        cdm_field,
        data_type
    from values {{ cdm_columns() }} as catalog_columns (cdm_table, cdm_field, data_type)
),

schema_counts as (
    select
        checks.check_id,
        case
            when checks.check_name = 'cdmDatatype'
                then cast(
                        count_if(
                            fields.data_type in ('INT', 'LONG', 'BIGINT', 'SHORT', 'SMALLINT')
                        ) = 0 as bigint
                    )
            else cast(count(fields.cdm_table) = 0 as bigint)
        end as count_violated,
        cast(1 as bigint) as count_rows
    from checks
    left join fields
        on
            checks.cdm_table = fields.cdm_table
            and (checks.cdm_field = fields.cdm_field or checks.check_level = 'TABLE')
    where checks.source = 'SCHEMA'
    group by checks.check_id, checks.check_name
),

-- every concept that a checked field uses, and what the check says of it
field_concepts as (
    select
        checks.check_id,
        checks.check_name,
        concepts_used.concept_id,
        coalesce(concepts_used.source_value, chr(0)) as source_value,
        concepts_used.count_rows,
        case checks.check_name
            when 'isForeignKey'
                then concepts_used.concept_id is not null and concepts.concept_id is null
            when 'fkDomain'
                then not array_contains(split(checks.parameter, '[|]'), concepts.domain_id)
            when 'fkClass' then concepts.concept_class_id != checks.parameter
            when 'isStandardValidConcept'
                then concepts.standard_concept is distinct from 'S'
                    or concepts.invalid_reason is not null
            else concepts_used.concept_id = 0
        end as is_wrong,
        checks.check_name in ('fkDomain', 'fkClass', 'isStandardValidConcept')
        and coalesce(concepts.concept_id, 0) = 0 as is_exempt
    from checks
    left join concepts_used
        on
            checks.cdm_table = concepts_used.cdm_table
            and checks.cdm_field = concepts_used.cdm_field
    left join concepts on concepts_used.concept_id = concepts.concept_id
    where checks.source = 'CONCEPTS' and checks.check_level = 'FIELD'
),

-- of source values the distinct ones count, else the rows
field_counts as (
    select
        check_id,
        case
            when check_name = 'sourceValueCompleteness'
                then count(distinct case when is_wrong then source_value end)
            else coalesce(sum(case when is_wrong and not is_exempt then count_rows end), 0)
        end as count_violated,
        case
            when check_name = 'sourceValueCompleteness'
                then count(distinct case when count_rows > 0 then source_value end)
            else coalesce(sum(count_rows), 0)
        end as count_rows
    from field_concepts
    group by check_id, check_name
),

-- checks of certain concepts, or of all that descend from them
concept_checks as (
    select
        check_id,
        check_name,
        cdm_table,
        cdm_field,
        parameter,
        explode(split(concept_ids, '[|]')) as concept_id
    from checks
    where source = 'CONCEPTS' and check_level = 'CONCEPT'
),

checked_concepts as (
    select distinct
        concept_checks.check_id,
        concept_checks.check_name,
        concept_checks.cdm_table,
        concept_checks.cdm_field,
        concept_checks.parameter,
        case
            when concept_checks.check_name = 'plausibleGenderUseDescendants'
                then ancestors.descendant_concept_id
            else cast(concept_checks.concept_id as int)
        end as concept_id
    from concept_checks
    left join ancestors
        on
            cast(concept_checks.concept_id as int) = ancestors.ancestor_concept_id
            and concept_checks.check_name = 'plausibleGenderUseDescendants'
),

concept_counts as (
    select
        checked_concepts.check_id,
        coalesce(sum(
            case
                when checked_concepts.check_name != 'plausibleUnitConceptIds'
                    then if(
                            concepts_used.gender_concept_id
                            != cast(checked_concepts.parameter as int),
                            concepts_used.count_rows,
                            0
                        )
                when concepts_used.unit_concept_id is null then 0
                when checked_concepts.parameter is null then concepts_used.count_rows
                when
                    not array_contains(
                        split(checked_concepts.parameter, '[|]'),
                        cast(concepts_used.unit_concept_id as string)
                    )
                    then concepts_used.count_rows
                else 0
            end
        ), 0) as count_violated,
        coalesce(sum(
            case
                when
                    checked_concepts.check_name != 'plausibleUnitConceptIds'
                    or concepts_used.unit_concept_id is not null
                    then concepts_used.count_rows
                else 0
            end
        ), 0) as count_rows
    from checked_concepts
    left join concepts_used
        on
            checked_concepts.cdm_table = concepts_used.cdm_table
            and checked_concepts.cdm_field = concepts_used.cdm_field
            and checked_concepts.concept_id = concepts_used.concept_id
    group by checked_concepts.check_id
),

counts as (
    select
        check_id,
        count_violated,
        count_rows
    from row_counts
    union all
    select * from schema_counts
    union all
    select * from field_counts
    union all
    select * from concept_counts
),

-- a check of no row neither passes nor fails
results as (
    select
        checks.check_id,
        checks.check_name,
        checks.check_level,
        checks.category,
        checks.severity,
        checks.cdm_table,
        checks.cdm_field,
        checks.concept_ids,

        counts.count_rows,
        counts.count_violated,
        case
            when counts.count_rows > 0
                then cast(100 * counts.count_violated / counts.count_rows as double)
        end as percent_violated,
        checks.threshold_percent,

        case
            when counts.count_violated is null then 'NOT_RUN'
            when counts.count_rows = 0 then 'NOT_APPLICABLE'
            when 100 * counts.count_violated / counts.count_rows > checks.threshold_percent
                then 'FAILED'
            else 'PASSED'
        end as status
    from checks
    left join counts on checks.check_id = counts.check_id
)

select * from results
