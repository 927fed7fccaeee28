with

base_rows as (
    select * from {{ ref('base_vocabulary__concept_synonym') }}
),

concept_synonyms as (
    select
        concept_id,
        concept_synonym_name,
        language_concept_id,

        _file_path,
        _row_position,
        _loaded_at
    from base_rows
    where not is_quarantined
)

select * from concept_synonyms
