with

encounters as (
    select * from {{ ref('stg_synthea__encounters') }}
),

persons as (
    select * from {{ ref('person') }}
),

dated as (
    select
        encounters.encounter_id,
        encounters.patient_id,
        persons.person_id,
        encounters.encounter_class,
        encounters.encounter_code,
        encounters.start_at,
        coalesce(encounters.stop_at, encounters.start_at) as end_at,
        cast(encounters.start_at as date) as start_date,
        cast(coalesce(encounters.stop_at, encounters.start_at) as date) as end_date,
        case
            when encounters.encounter_class in ('inpatient', 'emergency') then encounters.encounter_class
            else 'outpatient'
        end as visit_kind
    from encounters
    left join persons on encounters.patient_id = persons.person_source_value
),

-- the last day that earlier inpatient encounters of the patient cover
covered as (
    select
        dated.*,
        max(case when visit_kind = 'inpatient' then end_date end) over (
            partition by patient_id
            order by start_at, end_at, encounter_id
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from dated
),

-- an inpatient encounter opens a stay unless it begins on a covered day or on the day after
stays_numbered as (
    select
        covered.*,
        sum(
            case
                when visit_kind = 'inpatient'
                    and (covered_until is null or start_date > date_add(covered_until, 1)) then 1
                else 0
            end
        ) over (
            partition by patient_id
            order by start_at, end_at, encounter_id
            rows between unbounded preceding and current row
        ) as stay_number
    from covered
),

stays_bounded as (
    select
        stays_numbered.*,
        case
            when visit_kind = 'inpatient'
                then named_struct(
                    'lead_encounter_id', first_value(encounter_id) over (
                        partition by patient_id, visit_kind, stay_number
                        order by start_at, end_at, encounter_id
                    ),
                    'end_date', max(end_date) over (
                        partition by patient_id, visit_kind, stay_number
                    )
                )
        end as own_stay
    from stays_numbered
),

-- the last stay that began on the encounter's day or before; stays of a patient do not overlap
stays_looked_up as (
    select
        stays_bounded.*,
        last_value(own_stay) ignore nulls over (
            partition by patient_id
            order by start_date, visit_kind = 'inpatient' desc, start_at, end_at, encounter_id
            rows between unbounded preceding and current row
        ) as last_stay
    from stays_bounded
),

led as (
    select
        stays_looked_up.*,
        case
            when own_stay is not null then own_stay.lead_encounter_id
            when end_date <= last_stay.end_date then last_stay.lead_encounter_id
            when visit_kind = 'emergency'
                then first_value(encounter_id) over (
                    partition by
                        patient_id, visit_kind, start_date,
                        coalesce(end_date <= last_stay.end_date, false)
                    order by start_at, end_at, encounter_id
                )
            else encounter_id
        end as lead_encounter_id
    from stays_looked_up
),

stitched as (
    select
        {{ hash_id('visit_occurrence', ["'synthea'", 'lead_encounter_id']) }} as visit_occurrence_id,
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
