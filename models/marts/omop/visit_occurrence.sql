with

details as (
    select * from {{ ref('int_omop__visit_details_mapped') }}
),

codes as (
    select * from {{ ref('int_vocabulary__codes_mapped') }}
),

-- encounters of persons only; the others are counted in quality.omop_row_accounts
visits as (
    select
        visit_occurrence_id,
        person_id,
        max(case when is_lead then encounter_class end) as encounter_class,
        max(case when is_lead then provider_id end) as provider_id,
        max(case when is_lead then care_site_id end) as care_site_id,
        min(start_at) as start_at,
        max(end_at) as end_at
    from details
    where person_id is not null
    group by visit_occurrence_id, person_id
),

visit_occurrences as (
    select
        visits.visit_occurrence_id,
        visits.person_id,
        coalesce(codes.target_concept_id, 0) as visit_concept_id,
        cast(visits.start_at as date) as visit_start_date,
        visits.start_at as visit_start_datetime,
        cast(visits.end_at as date) as visit_end_date,
        visits.end_at as visit_end_datetime,
        32827 as visit_type_concept_id,
        visits.provider_id,
        visits.care_site_id,
        visits.encounter_class as visit_source_value,
        0 as visit_source_concept_id,
        cast(null as int) as admitted_from_concept_id,
        cast(null as string) as admitted_from_source_value,
        cast(null as int) as discharged_to_concept_id,
        cast(null as string) as discharged_to_source_value,
        lag(visits.visit_occurrence_id) over (
            partition by visits.person_id
            order by visits.start_at, visits.end_at, visits.visit_occurrence_id
        ) as preceding_visit_occurrence_id
    from visits
    left join codes
        on visits.encounter_class = codes.source_code
            and codes.source_vocabulary_id = 'Synthea encounter'
)

select * from visit_occurrences
