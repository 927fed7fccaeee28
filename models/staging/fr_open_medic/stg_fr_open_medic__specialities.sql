{#- Generated from feeds/ by `rwe feeds sync`: change the contract. -#}
{{ staged_entity('fr_open_medic', 'specialities') }}
