{{
    config(
        materialized='table',
        post_hook=[
            "create or replace function {{ this.schema }}.hidden(name string) returns string return '***'",
            "alter table {{ this }} alter column name set mask {{ this.schema }}.hidden",
        ]
    )
}}

select
    id,
    name
from {{ ref('people_now') }}
