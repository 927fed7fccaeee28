{{ config(group='ingest') }}
-- The money of every file: what was loaded, read from the raw text in another way than staging
-- reads it, is what is staged and what was quarantined or superseded.
{%- set values = [
    ('uk_epd', 'prescribing', 'nic', 'amount_list_gbp', '.'),
    ('uk_epd', 'prescribing', 'actual_cost', 'amount_actual_cost_gbp', '.'),
    ('us_sdud', 'utilization', 'total_amount_reimbursed', 'amount_reimbursed_usd', '.'),
    ('fr_open_medic', 'dispensing', 'reimbursed_amount', 'amount_reimbursed_eur', ','),
    ('fr_open_medic', 'dispensing', 'reimbursement_base', 'amount_list_eur', ','),
    ('au_pbs', 'supply', 'govt_contrib', 'amount_government_aud', '.'),
    ('au_pbs', 'supply', 'patient_net_contrib', 'amount_patient_aud', '.'),
    ('dk_medstat', 'sales', 'turnover', 'turnover_thousand_dkk', '.'),
] %}

with

loaded as (
    {%- for feed, entity, column, _, mark in values %}
    select
        '{{ feed }}.{{ entity }}.{{ column }}' as value_name,
        base_rows.is_quarantined or base_rows.is_superseded as is_set_aside,
        raw_rows._file_path,
        try_cast(
            translate(regexp_replace(raw_rows.{{ column }}, '[^-0-9{{ mark }}]', ''), ',', '.')
            as decimal(28, 6)
        ) as amount
    from {{ source(feed, entity) }} as raw_rows
    left join {{ ref('base_' ~ feed ~ '__' ~ entity) }} as base_rows
        on raw_rows._file_path = base_rows._file_path
            and raw_rows._row_position = base_rows._row_position
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

loaded_by_file as (
    select
        value_name,
        _file_path,
        coalesce(sum(amount), 0) as amount_loaded,
        coalesce(sum(amount) filter (where is_set_aside), 0) as amount_set_aside,
        count_if(is_set_aside is null) as count_lost
    from loaded
    group by value_name, _file_path
),

staged_by_file as (
    {%- for feed, entity, column, staged_column, _ in values %}
    select
        '{{ feed }}.{{ entity }}.{{ column }}' as value_name,
        _file_path,
        coalesce(sum({{ staged_column }}), 0) as amount_staged
    from {{ ref('stg_' ~ feed ~ '__' ~ entity) }}
    group by _file_path
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    coalesce(loaded_by_file.value_name, staged_by_file.value_name) as value_name,
    coalesce(loaded_by_file._file_path, staged_by_file._file_path) as file_path,
    loaded_by_file.amount_loaded,
    staged_by_file.amount_staged,
    loaded_by_file.amount_set_aside,
    loaded_by_file.count_lost
from loaded_by_file
full outer join staged_by_file
    on loaded_by_file.value_name = staged_by_file.value_name
        and loaded_by_file._file_path = staged_by_file._file_path
where coalesce(loaded_by_file.amount_loaded, 0)
    != coalesce(staged_by_file.amount_staged, 0) + coalesce(loaded_by_file.amount_set_aside, 0)
    or coalesce(loaded_by_file.count_lost, 0) != 0
