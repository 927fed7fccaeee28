{{ config(materialized='table') }}

{{ base_entity('synthea', 'encounters') }}
