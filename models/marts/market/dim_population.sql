with

estimates as (
    select * from {{ ref('populations') }}
),

danish as (
    select * from {{ ref('stg_dk_medstat__population') }}
    where region = '0' and sex in ('A', '0') and age in ('A', 'T')
),

-- a feed's own population matches its coverage best
populations as (
    select
        market_code,
        year_number,
        population,
        population_note as population_source
    from estimates
    union all
    select
        'DK' as market_code,
        cast(year as int) as year_number,
        max_by(count_persons, struct(_file_modified_at, _file_path)) as population,
        'dk_medstat' as population_source
    from danish
    group by year
)

select
    {{ hash_id('population', ['market_code', 'year_number']) }} as population_id,
    market_code,
    year_number,
    population,
    population_source
from populations
