{% macro clinical_event(entity, default_table, key, columns) -%}
    {%- set shape = [
        ('is_lead', 'boolean'),
        ('patient_id', 'string'),
        ('encounter_id', 'string'),
        ('type_concept_id', 'int'),
        ('source_vocabulary_id', 'string'),
        ('source_code', 'string'),
        ('source_text', 'string'),
        ('reason_code', 'string'),
        ('value_number', 'double'),
        ('value_text', 'string'),
        ('unit_code', 'string'),
        ('qualifier_text', 'string'),
        ('quantity', 'bigint'),
        ('count_refills', 'int'),
        ('days_supply', 'int'),
        ('unique_device_id', 'string'),
        ('cost_usd', 'decimal(18,4)'),
        ('payer_coverage_usd', 'decimal(18,4)'),
        ('start_at', 'timestamp'),
        ('end_at', 'timestamp'),
    ] -%}
    {%- set given = {
        'is_lead': 'true',
        'type_concept_id': '32827',
        'patient_id': 'patient_id',
        'encounter_id': 'encounter_id',
    } -%}
    {%- do given.update(columns) -%}
    select
        {{ hash_id('source row', ["'synthea'", "'" ~ entity ~ "'"] + key) }} as source_row_id,
        '{{ entity }}' as entity,
        {{ default_table }} as default_table,
        {%- for name, type in shape %}
        cast({{ given.get(name, 'null') }} as {{ type }}) as {{ name }},
        {%- endfor %}
        _file_path,
        _row_position
    from {{ ref('stg_synthea__' ~ entity) }}
{%- endmacro %}
