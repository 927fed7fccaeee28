{{ config(materialized='view') }}

{%- set snomed = "'SNOMED'" %}

with

events as (
    {{ clinical_event(
        'conditions', "'condition_occurrence'",
        ['patient_id', 'encounter_id', 'condition_code', 'start_date'],
        {
            'source_vocabulary_id': 'vocabulary_id',
            'source_code': 'condition_code',
            'source_text': 'condition_description',
            'start_at': 'start_date',
            'end_at': 'stop_date',
        }
    ) }}
    union all
    {{ clinical_event(
        'allergies', "'observation'",
        ['patient_id', 'encounter_id', 'code', 'start_date'],
        {
            'source_vocabulary_id': "case when lower(code_system) = 'rxnorm' then 'RxNorm' else 'SNOMED' end",
            'source_code': 'code',
            'source_text': 'description',
            'qualifier_text': 'allergy_type',
            'value_text': 'category',
            'start_at': 'start_date',
            'end_at': 'stop_date',
        }
    ) }}
    union all
    {{ clinical_event(
        'careplans', "'procedure_occurrence'",
        ['careplan_id'],
        {
            'source_vocabulary_id': snomed,
            'source_code': 'code',
            'source_text': 'description',
            'reason_code': 'reason_code',
            'start_at': 'start_date',
            'end_at': 'stop_date',
        }
    ) }}
    union all
    {{ clinical_event(
        'devices', "'device_exposure'",
        ['patient_id', 'encounter_id', 'code', 'start_at', 'unique_device_id'],
        {
            'source_vocabulary_id': snomed,
            'source_code': 'code',
            'source_text': 'description',
            'unique_device_id': 'unique_device_id',
            'quantity': '1',
            'start_at': 'start_at',
            'end_at': 'stop_at',
        }
    ) }}
    union all
    {{ clinical_event(
        'supplies', "'device_exposure'",
        ['patient_id', 'encounter_id', 'code', 'supplied_on_date'],
        {
            'source_vocabulary_id': snomed,
            'source_code': 'code',
            'source_text': 'description',
            'quantity': 'quantity',
            'start_at': 'supplied_on_date',
            'end_at': 'supplied_on_date',
        }
    ) }}
    union all
    -- one examination, whatever the number of its images
    {{ clinical_event(
        'imaging_studies', "'procedure_occurrence'",
        ['study_id', 'procedure_code'],
        {
            'is_lead': 'row_number() over (partition by study_id, procedure_code order by instance_uid) = 1',
            'source_vocabulary_id': snomed,
            'source_code': 'procedure_code',
            'source_text': 'modality_description',
            'start_at': 'study_at',
            'end_at': 'study_at',
        }
    ) }}
    union all
    {{ clinical_event(
        'immunizations', "'drug_exposure'",
        ['patient_id', 'encounter_id', 'code', 'given_at'],
        {
            'source_vocabulary_id': "'CVX'",
            'source_code': 'code',
            'source_text': 'description',
            'cost_usd': 'base_cost',
            'start_at': 'given_at',
            'end_at': 'given_at',
        }
    ) }}
    union all
    {{ clinical_event(
        'medications', "'drug_exposure'",
        ['patient_id', 'encounter_id', 'code', 'start_at', 'stop_at'],
        {
            'type_concept_id': '32838',
            'source_vocabulary_id': "'RxNorm'",
            'source_code': 'code',
            'source_text': 'description',
            'reason_code': 'reason_code',
            'count_refills': 'greatest(dispenses - 1, 0)',
            'days_supply': 'datediff(stop_at, start_at)',
            'cost_usd': 'total_cost',
            'payer_coverage_usd': 'payer_coverage',
            'start_at': 'start_at',
            'end_at': 'stop_at',
        }
    ) }}
    union all
    -- numbers are measured and texts are answered, where the code itself does not say
    {{ clinical_event(
        'observations', "case when value_type = 'numeric' then 'measurement' else 'observation' end",
        ['patient_id', 'encounter_id', 'code', 'observed_at', 'value'],
        {
            'source_vocabulary_id': "case when code rlike '^[0-9]+-[0-9]$' then 'LOINC' when code rlike '^[0-9]+$' then 'SNOMED' else 'Synthea observation' end",
            'source_code': 'code',
            'source_text': 'description',
            'value_number': "case when value_type = 'numeric' then try_cast(value as double) end",
            'value_text': 'value',
            'unit_code': "nullif(units, 'null')",
            'qualifier_text': 'category',
            'start_at': 'observed_at',
            'end_at': 'observed_at',
        }
    ) }}
    union all
    {{ clinical_event(
        'procedures', "'procedure_occurrence'",
        ['patient_id', 'encounter_id', 'code', 'start_at'],
        {
            'source_vocabulary_id': "case when code_system is null or lower(code_system) like '%snomed%' then 'SNOMED' else code_system end",
            'source_code': 'code',
            'source_text': 'description',
            'reason_code': 'reason_code',
            'quantity': '1',
            'cost_usd': 'base_cost',
            'start_at': 'start_at',
            'end_at': 'coalesce(stop_at, start_at)',
        }
    ) }}
)

select * from events
