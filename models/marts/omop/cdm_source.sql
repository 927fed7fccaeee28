with

encounters as (
    select * from {{ ref('stg_synthea__encounters') }}
),

vocabularies as (
    select * from {{ ref('vocabulary') }}
),

loaded as (
    select
        max(cast(start_at as date)) as last_day,
        max(_loaded_at) as loaded_at
    from encounters
),

cdm_sources as (
    select
        'Patient records in the Synthea layout' as cdm_source_name,
        'SYNTHEA' as cdm_source_abbreviation,
        'Clinical data team' as cdm_holder,
        'Health records of one or more US states, delivered as CSV files in the layout of Synthea'
            as source_description,
        'feeds/synthea.yml' as source_documentation_reference,
        'models/intermediate/omop' as cdm_etl_reference,
        coalesce(loaded.last_day, date '1970-01-01') as source_release_date,
        coalesce(cast(loaded.loaded_at as date), date '1970-01-01') as cdm_release_date,
        '5.4' as cdm_version,
        756265 as cdm_version_concept_id,
        -- the release of all vocabularies stands at the one that is called None
        coalesce(
            (
                select max(vocabularies.vocabulary_version)
                from vocabularies
                where vocabularies.vocabulary_id = 'None'
            ),
            'unknown'
        ) as vocabulary_version
    from loaded
)

select * from cdm_sources
