{{ config(materialized='table', schema='quality') }}

{{ quarantine_feed('synthea') }}
