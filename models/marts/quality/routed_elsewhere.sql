with

events as (
    select * from {{ ref('int_omop__events_routed') }}
),

elsewhere as (
    select
        'synthea' as feed,
        entity,
        _file_path as file_path,
        _row_position as row_position,
        default_table,
        target_table,
        case when person_id is null then 'NO_PERSON' else 'OTHER_DOMAIN' end as reason,
        source_vocabulary_id,
        source_code,
        target_concept_id,
        target_domain_id
    from events
    where target_table != default_table or person_id is null
)

select * from elsewhere
