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

persons as (
    select * from {{ ref('person') }}
),

visits as (
    select * from {{ ref('visit_occurrence') }}
),

condition_occurrences as (
    select * from {{ ref('condition_occurrence') }}
),

encounters_stitched as (
    select * from {{ ref('int_omop__encounters_stitched') }}
),

conditions_routed as (
    select * from {{ ref('int_omop__conditions_routed') }}
),

staged as (
    select 'patients' as entity, count(*) as count_staged from patients
    union all
    select 'encounters', count(*) from encounters
    union all
    select 'conditions', count(*) from conditions
),

-- by source row: where it went, and whether a standard concept was found for it
rows_published as (
    select
        'patients' as entity,
        'person' as omop_table,
        count(*) as count_published,
        0 as count_routed_elsewhere,
        0 as count_without_person,
        count_if(gender_concept_id != 0) as count_mapped,
        count_if(gender_concept_id = 0) as count_unmapped
    from persons
    union all
    select
        'encounters',
        'visit_occurrence',
        count_if(visits.visit_occurrence_id is not null),
        0,
        count_if(encounters_stitched.person_id is null),
        count_if(visits.visit_concept_id != 0),
        count_if(coalesce(visits.visit_concept_id, 0) = 0)
    from encounters_stitched
    left join visits on encounters_stitched.visit_occurrence_id = visits.visit_occurrence_id
        and encounters_stitched.person_id = visits.person_id
    union all
    select
        'conditions',
        'condition_occurrence',
        count_if(is_published),
        count_if(not is_published and has_person),
        count_if(not has_person),
        count_if(is_mapped),
        count_if(not is_mapped)
    from (
        select
            conditions_routed.source_row_id,
            max(condition_occurrences.condition_occurrence_id) is not null as is_published,
            max(conditions_routed.person_id) is not null as has_person,
            max(conditions_routed.target_concept_id) != 0 as is_mapped
        from conditions_routed
        left join condition_occurrences
            on conditions_routed.event_id = condition_occurrences.condition_occurrence_id
        group by conditions_routed.source_row_id
    )
),

accounts as (
    select
        'synthea' as feed,
        staged.entity,
        rows_published.omop_table,

        staged.count_staged,
        rows_published.count_published,
        rows_published.count_routed_elsewhere,
        rows_published.count_without_person,
        rows_published.count_mapped,
        rows_published.count_unmapped
    from staged
    inner join rows_published on staged.entity = rows_published.entity
)

select * from accounts
