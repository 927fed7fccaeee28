{{ config(materialized='table', access='private') }}

{{ base_entity('vocabulary', 'drug_strength') }}
