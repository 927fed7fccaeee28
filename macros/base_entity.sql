{% macro base_entity(feed, entity) %}
{%- set raw = source(feed, entity) -%}
{%- set malformed = source('landing', 'malformed_records') -%}
{%- set contract = feed_contract(feed, entity) -%}
{%- if contract is none -%}
select * from {{ raw }} cross join {{ malformed }}
{%- else -%}
{%- set names = contract.columns | map(attribute='name') | list -%}
{%- set file_columns = [
    '_header_generation', '_file_path', '_file_modified_at', '_row_position', '_loaded_at'
] -%}
{%- set within_file = contract.get('key_within') == 'file' -%}
{%- set superseded_by = contract.get('superseded_by', []) -%}
{%- if model.config.materialized == 'incremental' and superseded_by -%}
    {{ exceptions.raise_compiler_error(
        "base_" ~ feed ~ "__" ~ entity ~ " is incremental, and its contract says that newer files supersede older "
        ~ "ones. Which rows are superseded is only known among all files: make the model a table."
    ) }}
{%- endif -%}
{%- if model.config.materialized == 'incremental' and contract.key and not within_file -%}
    {{ exceptions.raise_compiler_error(
        "base_" ~ feed ~ "__" ~ entity ~ " is incremental, and its contract has the key " ~ contract.key | join(', ')
        ~ ". A duplicate in another file is only found among all files: make the model a table."
    ) }}
{%- endif -%}

{%- set typing -%}
-- text without the blanks around it, null where the contract says so
texts as (
    select
        {%- for name in names %}
        {{ clean_text('raw_rows.' ~ name, contract.null_tokens) }} as {{ name }},
        {%- endfor %}
        struct(
            {%- for name in names %}raw_rows.{{ name }}, {% endfor %}raw_rows._rescued_data
        ) as _raw,
        {{ file_columns | join(',\n        ') }}
    from raw_rows
),

-- the contract's types; the text stays beside what was cast, to tell absent from unreadable
typed as (
    select
        {%- for column in contract.columns %}
        {{ typed_text(
            'texts.' ~ column.name, column.type, contract.get('decimal', '.')
        ) }} as {{ column.name }},
            {%- if column.type != 'text' %}
        texts.{{ column.name }} as _text_{{ column.name }},
            {%- endif %}
        {%- endfor %}
        texts._raw,
        {%- for name in file_columns %}
        texts.{{ name }}{{ "," if not loop.last }}
        {%- endfor %}
    from texts
),

-- records that were cut into the wrong number of fields when they were loaded
malformed as (
    select
        file_path,
        row_position,
        max(found_fields) as found_fields,
        max(expected_fields) as expected_fields,
        max(raw_record) as raw_record
    from {{ malformed }}
    where feed = '{{ feed }}' and entity = '{{ entity }}'
    group by file_path, row_position
),

checked as (
    select
        typed.*,
        malformed.raw_record as _malformed_record,
        {{ feed_findings(contract) | indent(8) }} as _findings
    from typed
    left join malformed
        on typed._file_path = malformed.file_path and typed._row_position = malformed.row_position
),

{% if contract.key -%}
-- among the good rows of one key the first by content stays, whatever order they came in
{%- if superseded_by %}
-- among the files that say something good of the same thing the newest stands
{%- endif %}
ranked as (
    select
        checked.*,
        {%- if superseded_by %}
        size(_findings) = 0 and _file_path != first_value(_file_path) over same_thing
            as _is_outdated,
        {%- else %}
        false as _is_outdated,
        {%- endif %}
        case
            when size(_findings) = 0 and row_number() over same_key > 1
                then {{ finding(
                    'DUPLICATE_KEY',
                    "concat('the same " ~ contract.key | join(', ') ~ " as row ', first_value(_row_position) over same_key, "
                    ~ "' of ', first_value(_file_path) over same_key)"
                ) }}
        end as _duplicate
    from checked
    window
        same_key as (
            partition by {{ contract.key | join(', ') }}, size(_findings) = 0{{ ", _file_path" if within_file }}
            order by sha2(to_json(_raw), 256), _file_path, _row_position
        )
        {%- if superseded_by %},
        same_thing as (
            partition by {{ superseded_by | join(', ') }}, size(_findings) = 0
            order by _file_modified_at desc, _file_path desc
        )
        {%- endif %}
),

reasoned as (
    select
        ranked.*,
        array_compact(array_append(ranked._findings, ranked._duplicate)) as _reasons
    from ranked
)
{%- else -%}
reasoned as (
    select
        checked.*,
        false as _is_outdated,
        checked._findings as _reasons
    from checked
)
{%- endif %}
{%- endset -%}
{%- set version = typing_version(typing) -%}

with

{% if is_incremental() -%}
-- files that are not here as they are now, typed by the statement as it is now
new_files as (
    select
        _file_path,
        _loaded_at
    from {{ raw }}
    except
    select
        _file_path,
        _loaded_at
    from {{ this }}
    where _typing_version = '{{ version }}'
),

{% endif -%}
raw_rows as (
    select loaded.*
    from {{ raw }} as loaded
    {%- if is_incremental() %}
    inner join new_files
        on loaded._file_path = new_files._file_path and loaded._loaded_at = new_files._loaded_at
    {%- endif %}
),

{{ typing }}

select
    {%- for name in names %}
    {{ name }},
    {%- endfor %}
    {%- if contract.get('totals') %}
    array_compact(array(
        {%- for total in contract.totals %}
        case when {{ total.when }} then '{{ total.kind }}' end{{ "," if not loop.last }}
        {%- endfor %}
    )) as total_kinds,
    {%- endif %}
    {%- if contract.get('suppressed_when') %}
    coalesce({{ contract.suppressed_when }}, false) as is_suppressed,
    {%- endif %}
    size(_reasons) = 0 and _is_outdated as is_superseded,
    size(_reasons) > 0 as is_quarantined,
    array_distinct(_reasons.reason) as quarantine_reasons,
    case when size(_reasons) > 0 then array_join(_reasons.detail, '; ') end as quarantine_details,
    case when size(_reasons) > 0 then coalesce(_malformed_record, to_json(_raw)) end as raw_record,
    {{ file_columns | join(',\n    ') }},
    '{{ version }}' as _typing_version
from reasoned
{%- endif -%}
{% endmacro %}
