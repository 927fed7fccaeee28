{{ config(materialized='view', schema='quality') }}

{{ quarantine_entity('synthea', 'patients') }}
