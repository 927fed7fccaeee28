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
codes_hashed as (
    select concat_ws('|', count(*), bit_xor(xxhash64(*))) as codes_version
    from codes
),

-- all that goes into a patient's events; file and position tell equal events apart
parts as (
    select
        patient_id,
        true as is_event,
        xxhash64(*) as part_hash
    from events
    union all
    select
        patient_id,
        false as is_event,
        xxhash64(person_id) as part_hash
    from persons
    union all
    select
        persons.patient_id,
        false as is_event,
        xxhash64(
            visit_details.encounter_id,
            visit_details.visit_occurrence_id,
            visit_details.visit_detail_id,
            visit_details.provider_id
        ) as part_hash
    from visit_details
    inner join persons on visit_details.person_id = persons.person_id
),

hashed as (
    select
        patient_id,
        concat_ws('|', count(*), bit_xor(part_hash)) as parts_version
    from parts
    group by patient_id
    having bool_or(is_event)
),

versions as (
    select
        patient_id,
        concat_ws('/', parts_version, (select codes_version from codes_hashed)) as source_version
    from hashed
)

select * from versions
