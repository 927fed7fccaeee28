with

persons as (
    select * from {{ ref('int_omop__persons_mapped') }}
    where death_date is not null
),

visit_details as (
    select * from {{ ref('int_omop__visit_details_mapped') }}
),

codes as (
    select * from {{ ref('int_vocabulary__codes_mapped') }}
),

-- the reason of the last encounter that certifies a death
certificates as (
    select
        person_id,
        max_by(reason_code, struct(start_at, encounter_id)) as cause_code
    from visit_details
    where encounter_code = '308646001' and reason_code is not null
    group by person_id
),

-- one cause of a code: its condition, if it leads to one
causes as (
    select
        source_code,
        max(source_concept_id) as source_concept_id,
        min(case when target_domain_id = 'Condition' then target_concept_id end) as concept_id
    from codes
    where source_vocabulary_id = 'SNOMED'
    group by source_code
),

deaths as (
    select
        persons.person_id,
        persons.death_date,
        cast(persons.death_date as timestamp) as death_datetime,
        32817 as death_type_concept_id,
        case
            when certificates.cause_code is not null then coalesce(causes.concept_id, 0)
        end as cause_concept_id,
        certificates.cause_code as cause_source_value,
        case
            when certificates.cause_code is not null then coalesce(causes.source_concept_id, 0)
        end as cause_source_concept_id
    from persons
    left join certificates on persons.person_id = certificates.person_id
    left join causes on certificates.cause_code = causes.source_code
)

select * from deaths
