{#- Generated from feeds/ by `rwe feeds sync`: change the contract. -#}
{{ config(schema='quality') }}

{{ quarantine_entity('uk_epd', 'cost_analysis') }}
