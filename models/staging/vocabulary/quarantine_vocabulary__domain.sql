{{ config(materialized='table', schema='quality') }}

{{ quarantine_entity('vocabulary', 'domain') }}
