{#- Generated from feeds/ by `rwe feeds sync`: change the contract. -#}
{{ staged_entity('uk_epd', 'cost_analysis') }}
