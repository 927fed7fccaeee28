with

conditions as (
    select * from {{ ref('int_omop__conditions_routed') }}
),

elsewhere as (
    select
        'synthea' as feed,
        'conditions' as entity,
        _file_path as file_path,
        _row_position as row_position,
        target_table,
        case when person_id is null then 'NO_PERSON' else 'OTHER_DOMAIN' end as reason,
        source_vocabulary_id,
        source_code,
        target_concept_id,
        target_domain_id
    from conditions
    where target_table != 'condition_occurrence' or person_id is null
)

select * from elsewhere
