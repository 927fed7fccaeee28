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

encounters_stitched as (
    select * from {{ ref('int_omop__encounters_stitched') }}
),

conditions_routed as (
    select * from {{ ref('int_omop__conditions_routed') }}
),

persons as (
    select * from {{ ref('person') }}
),

visits as (
    select * from {{ ref('visit_occurrence') }}
),

condition_occurrences as (
    select * from {{ ref('condition_occurrence') }}
),

staged as (
    select
        'patients' as entity,
        _file_path
    from patients
    union all
    select
        'encounters' as entity,
        _file_path
    from encounters
    union all
    select
        'conditions' as entity,
        _file_path
    from conditions
),

staged_counted as (
    select
        entity,
        _file_path as file_path,
        count(*) as count_staged
    from staged
    group by entity, _file_path
),

-- by source row: is it published, does it have a person, was a standard concept found
patients_judged as (
    select
        'patients' as entity,
        'person' as omop_table,
        patients._file_path as file_path,
        persons.person_id is not null as is_published,
        true as has_person,
        coalesce(persons.gender_concept_id, 0) != 0 as is_mapped
    from patients
    left join persons on patients.patient_id = persons.person_source_value
),

encounters_judged as (
    select
        'encounters' as entity,
        'visit_occurrence' as omop_table,
        encounters._file_path as file_path,
        visits.visit_occurrence_id is not null as is_published,
        encounters_stitched.person_id is not null as has_person,
        coalesce(codes.target_concept_id, 0) != 0 as is_mapped
    from encounters
    inner join encounters_stitched on encounters.encounter_id = encounters_stitched.encounter_id
    left join visits
        on
            encounters_stitched.visit_occurrence_id = visits.visit_occurrence_id
            and encounters_stitched.person_id = visits.person_id
    left join codes
        on
            encounters.encounter_class = codes.source_code
            and codes.source_vocabulary_id = 'Synthea encounter'
),

conditions_judged as (
    select
        'conditions' as entity,
        'condition_occurrence' as omop_table,
        conditions_routed._file_path as file_path,
        count(condition_occurrences.condition_occurrence_id) > 0 as is_published,
        count(conditions_routed.person_id) > 0 as has_person,
        max(conditions_routed.target_concept_id) != 0 as is_mapped
    from conditions_routed
    left join condition_occurrences
        on conditions_routed.event_id = condition_occurrences.condition_occurrence_id
    group by conditions_routed.source_row_id, conditions_routed._file_path
),

judged as (
    select * from patients_judged
    union all
    select * from encounters_judged
    union all
    select * from conditions_judged
),

counted as (
    select
        entity,
        omop_table,
        file_path,
        count_if(is_published) as count_published,
        count_if(has_person and not is_published) as count_routed_elsewhere,
        count_if(not has_person) as count_without_person,
        count_if(is_mapped) as count_mapped,
        count_if(not is_mapped) as count_unmapped
    from judged
    group by entity, omop_table, file_path
),

accounts as (
    select
        'synthea' as feed,
        staged_counted.entity,
        staged_counted.file_path,
        counted.omop_table,

        staged_counted.count_staged,
        coalesce(counted.count_published, 0) as count_published,
        coalesce(counted.count_routed_elsewhere, 0) as count_routed_elsewhere,
        coalesce(counted.count_without_person, 0) as count_without_person,
        coalesce(counted.count_mapped, 0) as count_mapped,
        coalesce(counted.count_unmapped, 0) as count_unmapped
    from staged_counted
    left join counted
        on
            staged_counted.entity = counted.entity
            and staged_counted.file_path = counted.file_path
)

select * from accounts
