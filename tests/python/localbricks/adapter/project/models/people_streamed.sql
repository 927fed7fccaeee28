{{ config(materialized='streaming_table') }}

select
    id,
    round
from stream {{ ref('incremental_append') }}
