{{ config(materialized='table', schema='quality') }}

{{ quarantine_entity('uk_epd', 'prescribing') }}
