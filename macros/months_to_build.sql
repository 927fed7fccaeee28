{% macro months_to_build(built) %}
    select
        months_staged.source_feed,
        months_staged.market_code,
        months_staged.period_start_date,
        months_staged.source_version,
        months_staged.completeness
    from {{ ref('int_market__months_staged') }} as months_staged
    {% if is_incremental() -%}
    left anti join {{ built }} as built
        on months_staged.market_code = built.market_code
            and months_staged.period_start_date = built.period_start_date
            and months_staged.source_version = built.source_version
    {%- endif %}
{% endmacro %}
