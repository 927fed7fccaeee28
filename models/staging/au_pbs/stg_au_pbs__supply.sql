{#- Generated from feeds/ by `rwe feeds sync`: change the contract. -#}
{{ staged_entity('au_pbs', 'supply') }}
