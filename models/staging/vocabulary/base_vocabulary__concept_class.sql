{{ config(materialized='table') }}

{{ base_entity('vocabulary', 'concept_class') }}
