-- Rows, items, packs and exact amounts of every feed are those of the staged rows that are no
-- totals, in both directions.
with

sales as (
    select
        source_feed,
        sum(count_source_rows) as count_source_rows,
        coalesce(sum(count_items), 0) as count_items,
        coalesce(sum(if(is_packs_derived, null, count_packs)), 0) as count_packs,
        coalesce(sum(amount_list_local), 0) as amount_list,
        coalesce(sum(amount_actual_cost_local), 0) as amount_actual_cost,
        coalesce(sum(amount_reimbursed_local), 0) as amount_reimbursed,
        coalesce(sum(amount_retail_local), 0) as amount_retail
    from {{ ref('fct_sales') }}
    group by source_feed
),

history as (
    select
        count(*) as count_rows,
        coalesce(sum(count_items), 0) as count_items,
        coalesce(sum(amount_government_aud), 0) as amount_government_aud
    from {{ ref('int_market__au_pbs_history_unpivoted') }}
    where is_listed
),

supply as (
    select
        count(*) as count_rows,
        coalesce(sum(count_items), 0) as count_items,
        coalesce(sum(amount_government_aud), 0) as amount_government_aud,
        coalesce(sum(amount_government_aud + amount_patient_aud), 0) as amount_retail_aud
    from {{ ref('stg_au_pbs__supply') }}
),

units as (
    select
        atc_code,
        max(unit_name) as unit_name
    from {{ ref('stg_dk_medstat__groups') }}
    group by atc_code
),

staged as (
    select
        'uk_epd' as source_feed,
        count(*) as count_source_rows,
        sum(count_items) as count_items,
        0 as count_packs,
        sum(amount_list_gbp) as amount_list,
        sum(amount_actual_cost_gbp) as amount_actual_cost,
        0 as amount_reimbursed,
        0 as amount_retail
    from {{ ref('stg_uk_epd__prescribing') }}
    union all
    select
        'us_sdud' as source_feed,
        count(*) as count_source_rows,
        sum(count_items) as count_items,
        0 as count_packs,
        0 as amount_list,
        0 as amount_actual_cost,
        sum(amount_reimbursed_usd) as amount_reimbursed,
        0 as amount_retail
    from {{ ref('stg_us_sdud__utilization') }}
    where state != 'XX'
    union all
    select
        'fr_open_medic' as source_feed,
        count(*) as count_source_rows,
        0 as count_items,
        sum(count_packs) as count_packs,
        sum(amount_list_eur) as amount_list,
        0 as amount_actual_cost,
        sum(amount_reimbursed_eur) as amount_reimbursed,
        0 as amount_retail
    from {{ ref('stg_fr_open_medic__dispensing') }}
    union all
    select
        'au_pbs' as source_feed,
        supply.count_rows + history.count_rows as count_source_rows,
        supply.count_items + history.count_items as count_items,
        0 as count_packs,
        0 as amount_list,
        0 as amount_actual_cost,
        supply.amount_government_aud + history.amount_government_aud as amount_reimbursed,
        supply.amount_retail_aud as amount_retail
    from supply
    inner join history on true
    union all
    select
        'br_sngpc' as source_feed,
        count(*) as count_source_rows,
        count(*) as count_items,
        sum(count_packs) as count_packs,
        0 as amount_list,
        0 as amount_actual_cost,
        0 as amount_reimbursed,
        0 as amount_retail
    from {{ ref('stg_br_sngpc__dispensing') }}
    union all
    select
        'dk_medstat' as source_feed,
        count(*) as count_source_rows,
        0 as count_items,
        coalesce(
            sum(if(units.unit_name = 'Packages', sales.quantity_thousand_units * 1000, null)), 0
        ) as count_packs,
        0 as amount_list,
        0 as amount_actual_cost,
        0 as amount_reimbursed,
        sum(sales.turnover_thousand_dkk) * 1000 as amount_retail
    from {{ ref('stg_dk_medstat__sales') }} as sales
    left join units on sales.atc_code = units.atc_code
    where length(sales.atc_code) = 7 and sales.age = 'A' and (
            (sales.sector in ('0', '100') and sales.region != '0' and sales.sex in ('1', '2'))
            or (sales.sector in ('1', '200') and sales.region = '0' and sales.sex not in ('1', '2'))
        )
)

select
    coalesce(staged.source_feed, sales.source_feed) as source_feed,
    staged.count_source_rows as count_rows_staged,
    sales.count_source_rows as count_rows_published
from staged
full outer join sales on staged.source_feed = sales.source_feed
where coalesce(staged.count_source_rows, 0) != coalesce(sales.count_source_rows, 0)
    or coalesce(staged.count_items, 0) != coalesce(sales.count_items, 0)
    or coalesce(staged.count_packs, 0) != coalesce(sales.count_packs, 0)
    or coalesce(staged.amount_list, 0) != coalesce(sales.amount_list, 0)
    or coalesce(staged.amount_actual_cost, 0) != coalesce(sales.amount_actual_cost, 0)
    or coalesce(staged.amount_reimbursed, 0) != coalesce(sales.amount_reimbursed, 0)
    or coalesce(staged.amount_retail, 0) != coalesce(sales.amount_retail, 0)
