{{ config(materialized='table', access='private') }}

{{ base_entity('synthea', 'patients') }}
