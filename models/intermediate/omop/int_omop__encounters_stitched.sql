with

encounters as (
    select * from {{ ref('stg_synthea__encounters') }}
),

persons as (
    select * from {{ ref('int_omop__persons_mapped') }}
),

dated as (
    select
        encounters.encounter_id,
        encounters.patient_id,
        persons.person_id,
        encounters.encounter_class,
        encounters.encounter_code,
        case
            when encounters.encounter_class in ('inpatient', 'emergency')
                then encounters.encounter_class
            else 'outpatient'
        end as visit_kind,
        encounters.start_at,
        coalesce(encounters.stop_at, encounters.start_at) as end_at,
        cast(encounters.start_at as date) as start_date,
        cast(coalesce(encounters.stop_at, encounters.start_at) as date) as end_date
    from encounters
    left join persons on encounters.patient_id = persons.patient_id
),

-- the last day that earlier inpatient encounters of the patient cover
covered as (
    select
        encounter_id,
        patient_id,
        person_id,
        encounter_class,
        encounter_code,
        visit_kind,
        start_at,
        end_at,
        start_date,
        end_date,
        max(case when visit_kind = 'inpatient' then end_date end) over (
            partition by patient_id
            order by start_at, end_at, encounter_id
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from dated
),

-- an inpatient encounter opens a stay unless it begins on a covered day or on the day after
numbered as (
    select
        encounter_id,
        patient_id,
        person_id,
        encounter_class,
        encounter_code,
        visit_kind,
        start_at,
        end_at,
        start_date,
        end_date,
        count_if(
            visit_kind = 'inpatient'
            and (covered_until is null or start_date > date_add(covered_until, 1))
        ) over (
            partition by patient_id
            order by start_at, end_at, encounter_id
            rows between unbounded preceding and current row
        ) as stay_number
    from covered
),

-- the stay of an inpatient encounter: its first encounter and its last day
bounded as (
    select
        encounter_id,
        patient_id,
        person_id,
        encounter_class,
        encounter_code,
        visit_kind,
        start_at,
        end_at,
        start_date,
        end_date,
        case
            when visit_kind = 'inpatient'
                then struct(
                        first_value(encounter_id) over (
                            partition by patient_id, visit_kind, stay_number
                            order by start_at, end_at, encounter_id
                        ) as lead_encounter_id,
                        max(end_date) over (
                            partition by patient_id, visit_kind, stay_number
                        ) as end_date
                    )
        end as own_stay
    from numbered
),

-- the last stay that began on the encounter's day or before; stays of a patient do not overlap
looked_up as (
    select
        encounter_id,
        patient_id,
        person_id,
        encounter_class,
        encounter_code,
        visit_kind,
        start_at,
        end_at,
        start_date,
        end_date,
        last_value(own_stay) ignore nulls over (
            partition by patient_id
            order by
                start_date asc,
                visit_kind = 'inpatient' desc,
                start_at,
                end_at asc,
                encounter_id asc
            rows between unbounded preceding and current row
        ) as last_stay
    from bounded
),

-- the first encounter of the visit; an inpatient encounter always lies inside its own stay
led as (
    select
        looked_up.encounter_id,
        looked_up.patient_id,
        looked_up.person_id,
        looked_up.encounter_class,
        looked_up.encounter_code,
        looked_up.visit_kind,
        looked_up.start_at,
        looked_up.end_at,
        case
            when looked_up.end_date <= last_stay.end_date then last_stay.lead_encounter_id
            when looked_up.visit_kind = 'emergency'
                then first_value(looked_up.encounter_id) over (
                        partition by
                            looked_up.patient_id, looked_up.visit_kind, looked_up.start_date,
                            coalesce(looked_up.end_date <= last_stay.end_date, false)
                        order by looked_up.start_at, looked_up.end_at, looked_up.encounter_id
                    )
            else looked_up.encounter_id
        end as lead_encounter_id
    from looked_up
),

stitched as (
    select
        {{ hash_id('visit_occurrence', ["'synthea'", 'lead_encounter_id']) }}
            as visit_occurrence_id,
        person_id,
        encounter_id,
        lead_encounter_id,
        patient_id,

        visit_kind,
        encounter_class,
        encounter_code,

        encounter_id = lead_encounter_id as is_lead,

        start_at,
        end_at
    from led
)

select * from stitched
