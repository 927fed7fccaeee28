{{ config(materialized='table') }}

{{ base_entity('vocabulary', 'vocabulary') }}
