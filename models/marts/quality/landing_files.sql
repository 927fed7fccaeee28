with

files as (
    select * from {{ source('landing', 'files') }}
),

landing_files as (
    select
        feed,
        entity,
        file_path,

        status,
        status in ('LOADED', 'LOADED_UNKNOWN_COLUMNS') as is_loaded,
        reason,
        header_generation,
        unknown_columns,
        sha256,

        size_bytes,
        count_records,
        count_malformed,

        file_modified_at,
        ingested_at
    from files
)

select * from landing_files
