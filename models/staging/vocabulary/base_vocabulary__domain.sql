{{ config(materialized='table') }}

{{ base_entity('vocabulary', 'domain') }}
