{{ config(materialized='table', schema='quality') }}

{{ quarantine_entity('synthea', 'conditions') }}
