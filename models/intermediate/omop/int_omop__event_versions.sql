with

events as (
    select * from {{ ref('int_omop__events_united') }}
),

persons as (
    select * from {{ ref('int_omop__persons_mapped') }}
),

visit_details as (
    select * from {{ ref('int_omop__visit_details_mapped') }}
),

codes as (
    select * from {{ ref('int_vocabulary__codes_mapped') }}
),

-- a new release of the vocabularies makes every patient's events anew
codes_version as (
    select concat_ws('|', count(*), bit_xor(xxhash64(*))) as codes_version
    from codes
),

visits_version as (
    select
        person_id,
        concat_ws(
            '|',
            count(*),
            bit_xor(xxhash64(encounter_id, visit_occurrence_id, visit_detail_id, provider_id))
        ) as visits_version
    from visit_details
    group by person_id
),

-- file and position make equal rows differ, which would cancel each other out
events_version as (
    select
        patient_id,
        concat_ws('|', count(*), bit_xor(xxhash64(*))) as events_version
    from events
    group by patient_id
),

versions as (
    select
        events_version.patient_id,
        md5(
            concat_ws(
                '/',
                events_version.events_version,
                coalesce(cast(persons.person_id as string), ''),
                coalesce(visits_version.visits_version, ''),
                codes_version.codes_version
            )
        ) as source_version
    from events_version
    cross join codes_version
    left join persons on events_version.patient_id = persons.patient_id
    left join visits_version on persons.person_id = visits_version.person_id
)

select * from versions
