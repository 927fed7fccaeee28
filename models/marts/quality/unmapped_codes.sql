with

patients as (
    select * from {{ ref('stg_synthea__patients') }}
),

encounters as (
    select * from {{ ref('stg_synthea__encounters') }}
),

clinicians as (
    select * from {{ ref('stg_synthea__providers') }}
),

events as (
    select * from {{ ref('int_omop__events_united') }}
),

codes as (
    select * from {{ ref('int_vocabulary__codes_mapped') }}
),

-- every coded value of a patient, one a row
patient_codes as (
    select
        'patients' as entity,
        stack(
            3,
            'gender', 'Synthea gender', gender,
            'race', 'Synthea race', race,
            'ethnicity', 'Synthea ethnicity', ethnicity
        ) as (source_column, source_vocabulary_id, source_code),
        cast(null as string) as source_text
    from patients
),

encounter_codes as (
    select
        'encounters' as entity,
        stack(
            2,
            'encounter_class', 'Synthea encounter', encounter_class, cast(null as string),
            'encounter_code', 'SNOMED', encounter_code, encounter_description
        ) as (source_column, source_vocabulary_id, source_code, source_text)
    from encounters
),

provider_codes as (
    select
        'providers' as entity,
        'specialty' as source_column,
        'Synthea specialty' as source_vocabulary_id,
        specialty as source_code,
        cast(null as string) as source_text
    from clinicians
),

event_codes as (
    select
        entity,
        stack(
            2,
            'code', source_vocabulary_id, source_code, source_text,
            'units', 'UCUM', unit_code, cast(null as string)
        ) as (source_column, source_vocabulary_id, source_code, source_text)
    from events
),

used_codes as (
    select * from patient_codes
    union all
    select * from encounter_codes
    union all
    select * from provider_codes
    union all
    select * from event_codes
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
        on
            counted.source_vocabulary_id = codes.source_vocabulary_id
            and counted.source_code = codes.source_code
    where coalesce(codes.target_concept_id, 0) = 0
)

select * from unmapped
