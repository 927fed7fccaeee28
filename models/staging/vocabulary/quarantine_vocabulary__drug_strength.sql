{{ config(materialized='table', schema='quality') }}

{{ quarantine_entity('vocabulary', 'drug_strength') }}
