{%- set source_key = [
    "'synthea'", "'conditions'", 'patient_id', 'encounter_id', 'condition_code', 'start_date'
] -%}

with

conditions as (
    select * from {{ ref('stg_synthea__conditions') }}
),

persons as (
    select * from {{ ref('int_omop__persons_mapped') }}
),

encounters as (
    select * from {{ ref('int_omop__encounters_stitched') }}
),

codes as (
    select * from {{ ref('int_vocabulary__codes_mapped') }}
),

-- one row per condition and standard concept; a code without one keeps its row, with concept 0
mapped as (
    select
        conditions.patient_id,
        conditions.encounter_id,
        persons.person_id,
        encounters.visit_occurrence_id,
        conditions.vocabulary_id,
        conditions.condition_code,
        conditions.condition_description,
        coalesce(codes.source_concept_id, 0) as source_concept_id,
        coalesce(codes.target_concept_id, 0) as target_concept_id,
        codes.target_domain_id,
        conditions.start_date,
        conditions.stop_date,
        conditions._file_path,
        conditions._row_position
    from conditions
    left join persons on conditions.patient_id = persons.patient_id
    left join encounters on conditions.encounter_id = encounters.encounter_id
    left join codes
        on conditions.vocabulary_id = codes.source_vocabulary_id
            and conditions.condition_code = codes.source_code
),

routed as (
    select
        {{ hash_id('source row', source_key) }} as source_row_id,
        {{ hash_id('condition', source_key + ['target_concept_id']) }} as event_id,
        person_id,
        visit_occurrence_id,

        {{ omop_table_of_domain('target_domain_id', 'condition_occurrence') }} as target_table,
        vocabulary_id as source_vocabulary_id,
        condition_code as source_code,
        condition_description as source_text,
        source_concept_id,
        target_concept_id,
        target_domain_id,

        start_date,
        stop_date,

        _file_path,
        _row_position
    from mapped
)

select * from routed
