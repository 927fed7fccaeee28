{{ config(materialized='table') }}

{{ base_entity('vocabulary', 'drug_strength') }}
