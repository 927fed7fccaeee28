-- Generated from feeds/ by `rwe feeds sync`. Do not edit: change the contract and run it again.
{{ config(materialized='table', access='private') }}

{{ base_entity('synthea', 'supplies') }}
