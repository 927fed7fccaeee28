with

-- from the first month of the oldest feed (July 1991), whole years
months as (
    select explode(sequence(date '1991-01-01', date '2035-12-01', interval 1 month))
        as period_start_date
),

calendar as (
    select
        period_start_date,

        year(period_start_date) as year_number,
        quarter(period_start_date) as quarter_number,
        month(period_start_date) as month_number,
        date_format(period_start_date, 'yyyy-MM') as month_label,
        concat(year(period_start_date), '-Q', quarter(period_start_date)) as quarter_label,
        -- named by the year they begin in: April in the United Kingdom, July in Australia
        year(add_months(period_start_date, -3)) as fiscal_year_uk,
        year(add_months(period_start_date, -6)) as fiscal_year_au,

        day(last_day(period_start_date)) as count_days,

        last_day(period_start_date) as period_end_date,
        trunc(period_start_date, 'QUARTER') as quarter_start_date,
        trunc(period_start_date, 'YEAR') as year_start_date
    from months
)

select * from calendar
