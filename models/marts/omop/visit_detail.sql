with

details as (
    select * from {{ ref('int_omop__visit_details_mapped') }}
),

codes as (
    select * from {{ ref('int_vocabulary__codes_mapped') }}
),

visit_details as (
    select
        details.visit_detail_id,
        details.person_id,
        coalesce(codes.target_concept_id, 0) as visit_detail_concept_id,
        cast(details.start_at as date) as visit_detail_start_date,
        details.start_at as visit_detail_start_datetime,
        cast(details.end_at as date) as visit_detail_end_date,
        details.end_at as visit_detail_end_datetime,
        32827 as visit_detail_type_concept_id,
        details.provider_id,
        details.care_site_id,
        details.encounter_class as visit_detail_source_value,
        0 as visit_detail_source_concept_id,
        cast(null as int) as admitted_from_concept_id,
        cast(null as string) as admitted_from_source_value,
        cast(null as string) as discharged_to_source_value,
        cast(null as int) as discharged_to_concept_id,
        lag(details.visit_detail_id) over (
            partition by details.person_id
            order by details.start_at, details.end_at, details.visit_detail_id
        ) as preceding_visit_detail_id,
        cast(null as bigint) as parent_visit_detail_id,
        details.visit_occurrence_id
    from details
    left join codes
        on details.encounter_class = codes.source_code
            and codes.source_vocabulary_id = 'Synthea encounter'
    where details.person_id is not null
)

select * from visit_details
