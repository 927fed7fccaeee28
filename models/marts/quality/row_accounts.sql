with

files as (
    select * from {{ source('landing', 'files') }}
),

-- every row of the raw tables
raw_rows as (
    {%- for feed, entity in accounted_entities() %}
    select
        '{{ feed }}' as feed,
        '{{ entity }}' as entity,
        _file_path as file_path
    from {{ source(feed, entity) }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

-- what the raw tables hold
loaded as (
    select
        feed,
        entity,
        file_path,
        count(*) as count_loaded
    from raw_rows
    group by all
),

-- every row with its verdict
typed_rows as (
    {%- for feed, entity in accounted_entities() %}
    select
        '{{ feed }}' as feed,
        '{{ entity }}' as entity,
        _file_path as file_path,
        is_quarantined,
        is_superseded
    from {{ ref('base_' ~ feed ~ '__' ~ entity) }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

-- what became of the rows
typed as (
    select
        feed,
        entity,
        file_path,
        count_if(not is_quarantined and not is_superseded) as count_staged,
        count_if(is_superseded) as count_superseded,
        count_if(is_quarantined) as count_quarantined
    from typed_rows
    group by all
),

-- what the landing counted in the files it loaded
counted as (
    select
        feed,
        entity,
        file_path,
        count_records
    from files
    where status in ('LOADED', 'LOADED_UNKNOWN_COLUMNS')
),

accounts as (
    select
        coalesce(counted.feed, loaded.feed, typed.feed) as feed,
        coalesce(counted.entity, loaded.entity, typed.entity) as entity,
        coalesce(counted.file_path, loaded.file_path, typed.file_path) as file_path,

        coalesce(counted.count_records, 0) as count_records,
        coalesce(loaded.count_loaded, 0) as count_loaded,
        coalesce(typed.count_staged, 0) as count_staged,
        coalesce(typed.count_superseded, 0) as count_superseded,
        coalesce(typed.count_quarantined, 0) as count_quarantined
    from counted
    full outer join loaded
        on counted.feed = loaded.feed
            and counted.entity = loaded.entity
            and counted.file_path = loaded.file_path
    full outer join typed
        on coalesce(counted.feed, loaded.feed) = typed.feed
            and coalesce(counted.entity, loaded.entity) = typed.entity
            and coalesce(counted.file_path, loaded.file_path) = typed.file_path
)

select * from accounts
