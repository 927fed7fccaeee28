-- every day of the span of dim_calendar, which semantic layers count time by
with

days as (
    select explode(sequence(date '1991-01-01', date '2035-12-31', interval 1 day)) as day_date
)

select
    day_date,
    cast(trunc(day_date, 'MONTH') as date) as month_start_date
from days
