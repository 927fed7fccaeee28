-- Generated from feeds/ by `rwe feeds sync`. Do not edit: change the contract and run it again.
with

base_rows as (
    select * from {{ ref('base_us_sdud__utilization') }}
),

utilization as (
    select
        posted_date,
        utilization_type,
        state,
        ndc,
        labeler_code,
        product_code,
        package_size,
        year,
        quarter,
        suppression_used,
        product_name,
        units_reimbursed as quantity_units,
        number_of_prescriptions as count_items,
        total_amount_reimbursed as amount_reimbursed_usd,
        medicaid_amount_reimbursed as amount_medicaid_usd,
        non_medicaid_amount_reimbursed as amount_non_medicaid_usd,
        total_kinds,
        is_suppressed,

        _header_generation,
        _file_path,
        _file_modified_at,
        _row_position,
        _loaded_at,
        _typing_version
    from base_rows
    where not is_quarantined and not is_superseded
)

select * from utilization
