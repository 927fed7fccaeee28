-- Shares of a market add up to one, contributions to its growth, and the evolution index is 100
-- times the ratio of shares.
with

shares as (
    select * from {{ ref('fct_market_share') }}
),

markets as (
    select
        definition_code,
        market_code,
        period_grain,
        window_code,
        period_start_date,
        measure_code,
        abs(sum(share) - 1) > 1e-9 as has_other_shares,
        abs(sum(contribution_points) - max(market_growth_percent))
        > 1e-6 as has_other_contributions,
        max(abs(evolution_index - 100 * share / share_previous_year)) > 1e-6 as has_other_index,
        count_if(share < share_low - 1e-12 or share > share_high + 1e-12) > 0
        and max(count_suppressed) = 0 as has_other_bounds
    from shares
    group by all
)

select *
from markets
where has_other_shares or has_other_contributions or has_other_index or has_other_bounds
