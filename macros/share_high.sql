{#- What the others hold at least decides how large a share can be. -#}

{% macro share_high() -%}
    case
        when share_missing_reason is not null then null
        when has_bound
            then coalesce(
                    try_divide(
                        cast(amount_high as double),
                        cast(market_low - amount_low + amount_high as double)
                    ),
                    1
                )
        else 1
    end
{%- endmacro %}
