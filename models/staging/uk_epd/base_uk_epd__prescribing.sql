{{
    config(
        materialized='incremental',
        access='private',
        incremental_strategy='delete+insert',
        unique_key='_file_path',
        on_schema_change='sync_all_columns',
        pre_hook="{{ delete_rows_gone_from(source('uk_epd', 'prescribing'), ['_file_path']) }}",
        liquid_clustered_by=['year_month']
    )
}}

{{ base_entity('uk_epd', 'prescribing') }}
