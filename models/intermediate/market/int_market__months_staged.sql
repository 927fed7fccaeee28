{%- set staged = {
    'stg_au_pbs__supply': ('au_pbs', 'period_start_date'),
    'stg_br_sngpc__dispensing': ('br_sngpc', 'make_date(year, month, 1)'),
    'stg_dk_medstat__sales': ('dk_medstat', 'make_date(year, 1, 1)'),
    'stg_fr_open_medic__dispensing': ('fr_open_medic', 'make_date(year, 1, 1)'),
    'stg_uk_epd__prescribing': ('uk_epd', 'period_start_date'),
    'stg_us_sdud__utilization': ('us_sdud', 'make_date(year, quarter * 3 - 2, 1)'),
} %}

with

markets as (
    select * from {{ ref('markets') }}
),

history as (
    select * from {{ ref('int_market__au_pbs_history_unpivoted') }}
),

-- which files a period's rows come from, as they were loaded and typed
files as (
    {%- for model, (feed, period) in staged.items() %}
    select
        '{{ feed }}' as source_feed,
        {{ period }} as period_start_date,
        concat_ws('|', _file_path, unix_micros(_loaded_at), _typing_version) as file_version,
        count(*) as count_source_rows
    from {{ ref(model) }}
    group by {{ period }}, _file_path, _loaded_at, _typing_version
    union all
    {%- endfor %}
    select
        'au_pbs' as source_feed,
        period_start_date,
        concat_ws('|', file_path, unix_micros(loaded_at), typing_version) as file_version,
        count_if(is_listed) as count_source_rows
    from history
    group by period_start_date, file_path, loaded_at, typing_version
),

periods as (
    select
        source_feed,
        period_start_date,
        sum(count_source_rows) as count_source_rows,
        array_join(array_sort(collect_list(file_version)), ',') as file_versions
    from files
    group by source_feed, period_start_date
),

-- the last months of a feed that restates its history may still change
completed as (
    select
        markets.market_code,
        periods.*,
        if(
            months_between(
                max(periods.period_start_date) over (partition by periods.source_feed),
                periods.period_start_date
            )
            < markets.restated_months,
            'PROVISIONAL',
            'FINAL'
        ) as completeness
    from periods
    inner join markets on periods.source_feed = markets.source_feed
)

select
    source_feed,
    market_code,
    period_start_date,
    md5(concat_ws(',', completeness, file_versions)) as source_version,
    completeness,
    count_source_rows
from completed
