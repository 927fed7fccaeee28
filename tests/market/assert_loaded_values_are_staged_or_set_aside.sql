{{ config(group='ingest') }}
-- The money of every file: what was loaded, read from the raw text in another way than staging
-- reads it, is what is staged and what was quarantined or superseded.
{%- set values = [
    ('uk_epd', 'prescribing', '.', {
        'nic': 'amount_list_gbp', 'actual_cost': 'amount_actual_cost_gbp',
    }),
    ('us_sdud', 'utilization', '.', {'total_amount_reimbursed': 'amount_reimbursed_usd'}),
    ('fr_open_medic', 'dispensing', ',', {
        'reimbursed_amount': 'amount_reimbursed_eur', 'reimbursement_base': 'amount_list_eur',
    }),
    ('au_pbs', 'supply', '.', {
        'govt_contrib': 'amount_government_aud', 'patient_net_contrib': 'amount_patient_aud',
    }),
    ('dk_medstat', 'sales', '.', {'turnover': 'turnover_thousand_dkk'}),
] %}

with

loaded as (
    {%- for feed, entity, mark, columns in values %}
    select
        '{{ feed }}.{{ entity }}' as entity_name,
        '[^-0-9{{ mark }}]' as not_of_number,
        base_rows.is_quarantined or base_rows.is_superseded as is_set_aside,
        raw_rows._file_path,
        stack(
            {{ columns | length }}
            {%- for column in columns -%}
            , '{{ column }}',
            raw_rows.{{ column }}
            {%- endfor %}
        ) as (value_name, value_text)
    from {{ source(feed, entity) }} as raw_rows
    left join {{ ref('base_' ~ feed ~ '__' ~ entity) }} as base_rows
        on raw_rows._file_path = base_rows._file_path
            and raw_rows._row_position = base_rows._row_position
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

parsed as (
    select
        *,
        try_cast(
            translate(regexp_replace(value_text, not_of_number, ''), ',', '.') as decimal(28, 6)
        ) as amount
    from loaded
),

loaded_by_file as (
    select
        entity_name,
        value_name,
        _file_path,
        coalesce(sum(amount), 0) as amount_loaded,
        coalesce(sum(amount) filter (where is_set_aside), 0) as amount_set_aside,
        count_if(is_set_aside is null) as count_lost
    from parsed
    group by entity_name, value_name, _file_path
),

staged as (
    {%- for feed, entity, _, columns in values %}
    select
        '{{ feed }}.{{ entity }}' as entity_name,
        _file_path,
        stack(
            {{ columns | length }}
            {%- for column, staged_column in columns.items() -%}
            , '{{ column }}',
            cast({{ staged_column }} as decimal(28, 6))
            {%- endfor %}
        ) as (value_name, amount)
    from {{ ref('stg_' ~ feed ~ '__' ~ entity) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

staged_by_file as (
    select
        entity_name,
        value_name,
        _file_path,
        coalesce(sum(amount), 0) as amount_staged
    from staged
    group by entity_name, value_name, _file_path
)

select
    coalesce(loaded_by_file.entity_name, staged_by_file.entity_name) as entity_name,
    coalesce(loaded_by_file.value_name, staged_by_file.value_name) as value_name,
    coalesce(loaded_by_file._file_path, staged_by_file._file_path) as file_path,
    loaded_by_file.amount_loaded,
    staged_by_file.amount_staged,
    loaded_by_file.amount_set_aside,
    loaded_by_file.count_lost
from loaded_by_file
full outer join staged_by_file
    on loaded_by_file.entity_name = staged_by_file.entity_name
        and loaded_by_file.value_name = staged_by_file.value_name
        and loaded_by_file._file_path = staged_by_file._file_path
where coalesce(loaded_by_file.amount_loaded, 0)
    != coalesce(staged_by_file.amount_staged, 0) + coalesce(loaded_by_file.amount_set_aside, 0)
    or coalesce(loaded_by_file.count_lost, 0) != 0
