-- Units per thousand inhabitants and day are the quantity over the feed's own population, in leap
-- years too.
with

medstat as (
    select * from {{ ref('stg_dk_medstat__sales') }}
    where did_published is not null and quantity_thousand_units is not null
),

populations as (
    select * from {{ ref('stg_dk_medstat__population') }}
),

computed as (
    select
        medstat._file_path,
        medstat._row_position,
        medstat.did_published,
        medstat.quantity_thousand_units * 1000 * 1000
        / populations.count_persons / dayofyear(make_date(medstat.year, 12, 31)) as did_computed
    from medstat
    inner join populations
        on medstat.year = populations.year
            and medstat.region = populations.region
            and medstat.sex = populations.sex
            and medstat.age = populations.age
)

-- the publisher rounds quantity and result
select *
from computed
where abs(did_computed - did_published) > greatest(0.05, 0.01 * did_published)
