{#- Generated from feeds/ by `rwe feeds sync`: change the contract. -#}
{{ config(schema='quality') }}

{{ quarantine_entity('dk_medstat', 'sales') }}
