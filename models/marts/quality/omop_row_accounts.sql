with

patients as (
    select * from {{ ref('stg_synthea__patients') }}
),

encounters as (
    select * from {{ ref('stg_synthea__encounters') }}
),

organizations as (
    select * from {{ ref('stg_synthea__organizations') }}
),

clinicians as (
    select * from {{ ref('stg_synthea__providers') }}
),

payers as (
    select * from {{ ref('stg_synthea__payers') }}
),

transitions as (
    select * from {{ ref('stg_synthea__payer_transitions') }}
),

claims as (
    select * from {{ ref('stg_synthea__claims') }}
),

transactions as (
    select * from {{ ref('stg_synthea__claims_transactions') }}
),

events as (
    select * from {{ ref('int_omop__events_united') }}
),

events_routed as (
    select * from {{ ref('int_omop__events_routed') }}
),

visit_details as (
    select * from {{ ref('visit_detail') }}
),

details_mapped as (
    select * from {{ ref('int_omop__visit_details_mapped') }}
),

persons as (
    select * from {{ ref('person') }}
),

care_sites as (
    select * from {{ ref('care_site') }}
),

providers as (
    select * from {{ ref('provider') }}
),

plan_periods as (
    select * from {{ ref('payer_plan_period') }}
),

costs as (
    select * from {{ ref('cost') }}
),

-- every identifier that the event tables publish
published as (
    {{ published_events() }}
),

-- what became of an event: its own table, another one, or none
events_judged as (
    select
        events_routed.source_row_id,
        count_if(published.omop_table = events_routed.default_table) > 0 as is_in_own_table,
        count(published.event_id) > 0 as is_published,
        max(events_routed.target_concept_id) != 0 as is_mapped
    from events_routed
    left join published
        on events_routed.event_id = published.event_id
            and events_routed.target_table = published.omop_table
    group by events_routed.source_row_id
),

-- by source row: where it is published, whether it is meant to be, whether its code has a concept
judged as (
    select
        'patients' as entity,
        'person' as omop_table,
        patients._file_path as file_path,
        case when persons.person_id is not null then 'PUBLISHED' else 'LOST' end as fate,
        coalesce(persons.gender_concept_id, 0) != 0 as is_mapped
    from patients
    left join persons on patients.patient_id = persons.person_source_value
    union all
    select
        'encounters' as entity,
        'visit_detail' as omop_table,
        encounters._file_path as file_path,
        case
            when visit_details.visit_detail_id is not null then 'PUBLISHED'
            when details_mapped.person_id is null then 'NO_PERSON'
            else 'LOST'
        end as fate,
        coalesce(visit_details.visit_detail_concept_id, 0) != 0 as is_mapped
    from encounters
    left join details_mapped on encounters.encounter_id = details_mapped.encounter_id
    left join visit_details on details_mapped.visit_detail_id = visit_details.visit_detail_id
    union all
    select
        events.entity,
        events.default_table as omop_table,
        events._file_path as file_path,
        case
            when events_judged.is_in_own_table then 'PUBLISHED'
            when events_judged.is_published then 'ELSEWHERE'
            when persons.person_id is null then 'NO_PERSON'
            else 'LOST'
        end as fate,
        coalesce(events_judged.is_mapped, false) as is_mapped
    from events
    left join events_judged on events.source_row_id = events_judged.source_row_id
    left join persons on events.patient_id = persons.person_source_value
    union all
    select
        'organizations' as entity,
        'care_site' as omop_table,
        organizations._file_path as file_path,
        case when care_sites.care_site_id is not null then 'PUBLISHED' else 'LOST' end as fate,
        true as is_mapped
    from organizations
    left join care_sites on organizations.organization_id = care_sites.care_site_source_value
    union all
    select
        'providers' as entity,
        'provider' as omop_table,
        clinicians._file_path as file_path,
        case when providers.provider_id is not null then 'PUBLISHED' else 'LOST' end as fate,
        coalesce(providers.specialty_concept_id, 0) != 0 as is_mapped
    from clinicians
    left join providers on clinicians.provider_id = providers.provider_source_value
    union all
    select
        'payer_transitions' as entity,
        'payer_plan_period' as omop_table,
        transitions._file_path as file_path,
        case
            when plan_periods.payer_plan_period_id is not null then 'PUBLISHED'
            when persons.person_id is null then 'NO_PERSON'
            else 'LOST'
        end as fate,
        true as is_mapped
    from transitions
    left join persons on transitions.patient_id = persons.person_source_value
    left join plan_periods
        on
            plan_periods.payer_plan_period_id = {{ hash_id('payer_plan_period', [
                "'synthea'", 'transitions.patient_id', 'transitions.start_at', 'transitions.payer_id'
            ]) }}
    union all
    select
        'claims_transactions' as entity,
        'cost' as omop_table,
        transactions._file_path as file_path,
        case
            when costs.cost_id is not null then 'PUBLISHED'
            when details_mapped.encounter_id is null then 'NOT_FOR_CDM'
            when details_mapped.person_id is null then 'NO_PERSON'
            else 'LOST'
        end as fate,
        true as is_mapped
    from transactions
    left join details_mapped on transactions.encounter_id = details_mapped.encounter_id
    left join costs
        on details_mapped.visit_occurrence_id = costs.cost_event_id
            and costs.cost_domain_id = 'Visit'
    union all
    -- a payer is the text of its spans; a claim says nothing that its lines do not
    select
        'payers' as entity,
        cast(null as string) as omop_table,
        _file_path as file_path,
        'NOT_FOR_CDM' as fate,
        true as is_mapped
    from payers
    union all
    select
        'claims' as entity,
        cast(null as string) as omop_table,
        _file_path as file_path,
        'NOT_FOR_CDM' as fate,
        true as is_mapped
    from claims
),

staged as (
    select * from {{ ref('row_accounts') }}
    where feed = 'synthea'
),

counted as (
    select
        entity,
        file_path,
        array_join(array_sort(collect_set(omop_table)), ', ') as omop_tables,
        count_if(fate = 'PUBLISHED') as count_published,
        count_if(fate = 'ELSEWHERE') as count_routed_elsewhere,
        count_if(fate = 'NO_PERSON') as count_without_person,
        count_if(fate = 'NOT_FOR_CDM') as count_not_for_cdm,
        count_if(is_mapped) as count_mapped,
        count_if(not is_mapped) as count_unmapped
    from judged
    group by entity, file_path
),

accounts as (
    select
        'synthea' as feed,
        staged.entity,
        staged.file_path,
        counted.omop_tables,

        staged.count_loaded,
        staged.count_quarantined,
        staged.count_superseded,
        staged.count_staged,
        coalesce(counted.count_published, 0) as count_published,
        coalesce(counted.count_routed_elsewhere, 0) as count_routed_elsewhere,
        coalesce(counted.count_without_person, 0) as count_without_person,
        coalesce(counted.count_not_for_cdm, 0) as count_not_for_cdm,
        coalesce(counted.count_mapped, 0) as count_mapped,
        coalesce(counted.count_unmapped, 0) as count_unmapped
    from staged
    left join counted
        on
            staged.entity = counted.entity
            and staged.file_path = counted.file_path
)

select * from accounts
