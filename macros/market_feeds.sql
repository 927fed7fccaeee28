{% macro market_feeds() %}
    {{ return(['au_pbs', 'br_sngpc', 'dk_medstat', 'fr_open_medic', 'uk_epd', 'us_sdud']) }}
{% endmacro %}
