-- Generated from feeds/ by `rwe feeds sync`. Do not edit: change the contract and run it again.
{{ config(materialized='view', schema='quality') }}

{{ quarantine_entity('vocabulary', 'drug_strength') }}
