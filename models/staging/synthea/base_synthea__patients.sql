{{ config(materialized='table') }}

{{ base_entity('synthea', 'patients') }}
