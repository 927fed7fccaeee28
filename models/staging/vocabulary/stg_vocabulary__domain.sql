with

base_rows as (
    select * from {{ ref('base_vocabulary__domain') }}
),

domains as (
    select
        domain_id,
        domain_name,
        domain_concept_id,

        _file_path,
        _row_position,
        _loaded_at
    from base_rows
    where not is_quarantined
)

select * from domains
