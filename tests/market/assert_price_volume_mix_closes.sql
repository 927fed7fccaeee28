-- Price, volume, mix, launches, exits and what has no volume are the change in value, to the cent.
select price_volume_mix_id
from {{ ref('fct_price_volume_mix') }}
where abs(
        price_effect
        + volume_effect
        + mix_effect
        + launch_effect
        + exit_effect
        + unmeasured_effect
        - value_change
    ) >= 0.005
