with

accounts as (
    select * from {{ ref('omop_row_accounts') }}
),

-- what a reader of the tables has to know of the source, a figure a row
figures as (
    select
        'Rows staged from ' || entity as name,  -- noqa: RF04
        sum(count_staged) as figure
    from accounts
    group by entity
),

metadata_rows as (
    select
        {{ hash_id('metadata', ['name']) }} as metadata_id,
        0 as metadata_concept_id,
        32880 as metadata_type_concept_id,
        name,
        cast(null as string) as value_as_string,
        cast(null as int) as value_as_concept_id,
        cast(figure as double) as value_as_number,
        cast(null as date) as metadata_date,
        cast(null as timestamp) as metadata_datetime
    from figures
)

select * from metadata_rows
