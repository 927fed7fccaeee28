with

shares as (
    select * from {{ ref('fct_market_share') }}
),

-- the four largest, by share and by either bound
ranked as (
    select
        *,
        row_number() over by_share as place,
        row_number() over by_share_low as place_low,
        row_number() over by_share_high as place_high
    from shares
    window
        by_share as (
            partition by {{ concentration_key() }} order by share desc, competitor_name asc
        ),
        by_share_low as (
            partition by {{ concentration_key() }} order by share_low desc, competitor_name asc
        ),
        by_share_high as (
            partition by {{ concentration_key() }} order by share_high desc, competitor_name asc
        )
),

summed as (
    select
        {{ concentration_key() }},
        min(competitor_grain) as competitor_grain,
        max(share_missing_reason) as concentration_missing_reason,
        count_if(amount_visible > 0) as count_competitors,
        count(*) as count_possible_competitors,
        sum(power(100 * share, 2)) as hhi,
        sum(power(100 * share_low, 2)) as hhi_of_lows,
        sum(power(100 * share_high, 2)) as hhi_of_highs,
        sum(if(place <= 4, share, 0)) as cr4,
        sum(if(place_low <= 4, share_low, 0)) as cr4_of_lows,
        sum(if(place_high <= 4, share_high, 0)) as cr4_of_highs,
        sum(count_suppressed) as count_suppressed
    from ranked
    group by {{ concentration_key() }}
),

-- shares add up to one: no market is less concentrated than equal shares, none more than one alone
concentrations as (
    select
        {{ hash_id('market_concentration', [
            'definition_code', 'market_code', 'period_grain', 'window_code', 'period_start_date', 'measure_code'
        ]) }} as market_concentration_id,
        {{ concentration_key() }},
        competitor_grain,
        count_competitors,
        case when concentration_missing_reason is null then hhi end as hhi,
        case
            when concentration_missing_reason is null
                then if(
                        count_suppressed = 0,
                        hhi,
                        greatest(hhi_of_lows, 10000 / count_possible_competitors)
                    )
        end as hhi_low,
        case
            when
                concentration_missing_reason is null
                then if(count_suppressed = 0, hhi, least(hhi_of_highs, 10000))
        end as hhi_high,
        case when concentration_missing_reason is null then cr4 end as cr4,
        case
            when
                concentration_missing_reason is null
                then if(count_suppressed = 0, cr4, cr4_of_lows)
        end as cr4_low,
        case
            when
                concentration_missing_reason is null
                then if(count_suppressed = 0, cr4, least(cr4_of_highs, 1))
        end as cr4_high,
        concentration_missing_reason,
        count_suppressed
    from summed
)

select * from concentrations
