with

base_rows as (
    select * from {{ ref('base_vocabulary__vocabulary') }}
),

vocabularies as (
    select
        vocabulary_id,
        vocabulary_name,
        vocabulary_reference,
        vocabulary_version,
        vocabulary_concept_id,

        _file_path,
        _row_position,
        _loaded_at
    from base_rows
    where not is_quarantined
)

select * from vocabularies
