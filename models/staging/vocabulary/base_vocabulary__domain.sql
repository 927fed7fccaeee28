-- Generated from feeds/ by `rwe feeds sync`. Do not edit: change the contract and run it again.
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='_file_path',
        on_schema_change='sync_all_columns',
        access='private',
        pre_hook="{{ delete_rows_gone_from(source('vocabulary', 'domain'), ['_file_path']) }}",
        post_hook="{{ supersede_older_files() }}"
    )
}}

{{ base_entity('vocabulary', 'domain') }}
