with

patients as (
    select * from {{ ref('stg_synthea__patients') }}
),

encounters as (
    select * from {{ ref('stg_synthea__encounters') }}
),

conditions as (
    select * from {{ ref('stg_synthea__conditions') }}
),

codes as (
    select * from {{ ref('int_vocabulary__codes_mapped') }}
),

-- every code that staging holds, with the vocabulary it is looked up in
used_codes as (
    select 'patients' as entity, 'gender' as source_column, 'Synthea gender' as source_vocabulary_id,
        gender as source_code, cast(null as string) as source_text
    from patients
    union all
    select 'patients', 'race', 'Synthea race', race, null from patients
    union all
    select 'patients', 'ethnicity', 'Synthea ethnicity', ethnicity, null from patients
    union all
    select 'encounters', 'encounter_class', 'Synthea encounter', encounter_class, null from encounters
    union all
    select 'encounters', 'encounter_code', 'SNOMED', encounter_code, encounter_description
    from encounters
    union all
    select 'conditions', 'condition_code', vocabulary_id, condition_code, condition_description
    from conditions
),

counted as (
    select
        entity,
        source_column,
        source_vocabulary_id,
        source_code,
        max(source_text) as source_text,
        count(*) as count_rows
    from used_codes
    where source_code is not null
    group by entity, source_column, source_vocabulary_id, source_code
),

unmapped as (
    select
        'synthea' as feed,
        counted.entity,
        counted.source_column,
        counted.source_vocabulary_id,
        counted.source_code,
        counted.source_text,
        case
            when codes.source_code is null then 'NOT_IN_VOCABULARY'
            else 'NO_STANDARD_CONCEPT'
        end as reason,
        counted.count_rows
    from counted
    left join codes
        on counted.source_vocabulary_id = codes.source_vocabulary_id
        and counted.source_code = codes.source_code
    where coalesce(codes.target_concept_id, 0) = 0
)

select * from unmapped
