{#- What the others hold at most decides how small a share can be. -#}

{% macro share_low() -%}
    case
        when share_missing_reason is not null then null
        when has_market_bound
            then coalesce(
                    try_divide(
                        cast(amount_low as double),
                        cast(market_high - amount_high + amount_low as double)
                    ),
                    0
                )
        else 0
    end
{%- endmacro %}
