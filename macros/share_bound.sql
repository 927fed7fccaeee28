{#- What the others hold at most decides how small a share can be, and at least how large. -#}

{% macro share_bound(side) -%}
    {%- set other = {'low': 'high', 'high': 'low'}[side] -%}
    {%- set known = {'low': 'has_market_bound', 'high': 'has_bound'}[side] -%}
    {%- set extreme = {'low': 0, 'high': 1}[side] -%}
    case
        when share_missing_reason is not null then null
        when {{ known }}
            then coalesce(
                    try_divide(
                        cast(amount_{{ side }} as double),
                        cast(market_{{ other }} - amount_{{ other }} + amount_{{ side }} as double)
                    ),
                    {{ extreme }}
                )
        else {{ extreme }}
    end
{%- endmacro %}
