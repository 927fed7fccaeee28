with

staged as (
    select * from {{ ref('stg_vocabulary__domain') }}
),

domains as (
    select
        domain_id,
        domain_name,
        cast(domain_concept_id as int) as domain_concept_id
    from staged
)

select * from domains
