{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='id', on_schema_change='append_new_columns') }}
select id, amount {% if var('round') > 1 %}, name {% endif %} from {{ ref('people_now') }}
