{%- set window_key = [
    'definition_code', 'market_code', 'period_grain', 'window_code', 'period_start_date'
] %}

with

shares as (
    select * from {{ ref('fct_market_share') }}
    where is_complete and amount_previous_year is not null and competitor_name != 'NOT_AVAILABLE'
),

amounts as (
    select * from shares
    where measure_code = 'value_local'
),

volumes as (
    select * from shares
    where measure_code in ('ddd', 'standard_units', 'packs', 'items')
),

-- value and volume of a competitor in both windows
paired as (
    select
        {%- for column in window_key %}
        volumes.{{ column }},
        {%- endfor %}
        volumes.measure_code as volume_measure_code,
        volumes.competitor_name,
        amounts.price_basis,
        cast(amounts.amount_previous_year as double) as value_0,
        cast(amounts.amount_visible as double) as value_1,
        cast(volumes.amount_previous_year as double) as volume_0,
        cast(volumes.amount_visible as double) as volume_1,
        amounts.count_suppressed
    from volumes
    inner join amounts
        on
            {%- for column in window_key %}
            volumes.{{ column }} = amounts.{{ column }} and
            {%- endfor %}
            volumes.competitor_name = amounts.competitor_name
),

-- continuing, launched or gone; what has value without volume is measured by none of them
told as (
    select
        *,
        case
            when volume_0 > 0 and volume_1 > 0 then 'CONTINUING'
            when volume_0 = 0 and value_0 = 0 and volume_1 > 0 then 'LAUNCH'
            when volume_1 = 0 and value_1 = 0 and volume_0 > 0 then 'EXIT'
            else 'UNMEASURED'
        end as competitor_kind
    from paired
),

summed as (
    select
        {{ window_key | join(', ') }},
        volume_measure_code,
        min(price_basis) as price_basis,
        sum(value_0) as value_previous_year,
        sum(value_1) as value_this_year,
        sum(if(competitor_kind = 'CONTINUING', value_0, 0)) as continuing_value_0,
        sum(if(competitor_kind = 'CONTINUING', volume_0, 0)) as continuing_volume_0,
        sum(if(competitor_kind = 'CONTINUING', volume_1, 0)) as continuing_volume_1,
        sum(
            if(
                competitor_kind = 'CONTINUING',
                (value_1 / volume_1 - value_0 / volume_0) * volume_1,
                0
            )
        ) as price_effect,
        sum(if(competitor_kind = 'CONTINUING', volume_1 * (value_0 / volume_0), 0))
            as volume_1_at_old_prices,
        sum(if(competitor_kind = 'LAUNCH', value_1, 0)) as launch_effect,
        sum(if(competitor_kind = 'EXIT', -value_0, 0)) as exit_effect,
        sum(if(competitor_kind = 'UNMEASURED', value_1 - value_0, 0)) as unmeasured_effect,
        count_if(competitor_kind = 'LAUNCH') as count_launches,
        count_if(competitor_kind = 'EXIT') as count_exits,
        sum(count_suppressed) as count_suppressed
    from told
    group by {{ window_key | join(', ') }}, volume_measure_code
),

effects as (
    select
        {{ hash_id('price_volume_mix', window_key + ['volume_measure_code']) }}
            as price_volume_mix_id,
        {{ window_key | join(', ') }},
        volume_measure_code,
        price_basis,
        value_previous_year,
        value_this_year,
        value_this_year - value_previous_year as value_change,
        price_effect,
        coalesce(
            (continuing_volume_1 - continuing_volume_0)
            * try_divide(continuing_value_0, continuing_volume_0),
            0
        ) as volume_effect,
        coalesce(
            volume_1_at_old_prices
            - try_divide(continuing_volume_1, continuing_volume_0) * continuing_value_0,
            0
        ) as mix_effect,
        launch_effect,
        exit_effect,
        unmeasured_effect,
        count_launches,
        count_exits,
        count_suppressed
    from summed
)

select * from effects
