-- Of each file of a download the newest stands: they should all lie in the folder of one download.
{{ config(severity='warn') }}

with

accounts as (
    select * from {{ ref('row_accounts') }}
    where feed = 'vocabulary' and count_staged > 0
),

folders as (
    select
        regexp_replace(file_path, '[^/]*$', '') as folder,
        array_join(array_sort(collect_set(entity)), ' ') as entities,
        count(*) over () as count_folders
    from accounts
    group by regexp_replace(file_path, '[^/]*$', '')
)

select * from folders
where count_folders > 1
