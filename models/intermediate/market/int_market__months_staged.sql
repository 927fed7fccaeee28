{{ config(materialized='view') }}

with

prescribing as (
    select * from {{ ref('stg_uk_epd__prescribing') }}
),

-- which files a month's rows come from, as they were loaded and typed
files as (
    select
        'GB' as market_code,
        period_start_date,
        concat_ws('|', _file_path, unix_micros(_loaded_at), _typing_version) as file_version,
        count(*) as count_source_rows
    from prescribing
    group by period_start_date, _file_path, _loaded_at, _typing_version
),

months as (
    select
        market_code,
        period_start_date,
        md5(array_join(array_sort(collect_list(file_version)), ',')) as source_version,
        sum(count_source_rows) as count_source_rows
    from files
    group by market_code, period_start_date
)

select * from months
