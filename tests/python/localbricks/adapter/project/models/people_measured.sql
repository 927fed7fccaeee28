{{ config(materialized='metric_view', databricks_tags={'of': 'people'}) }}

version: 0.1
source: "{{ ref('incremental_merge') }}"
dimensions:
  - name: round
    expr: round
measures:
  - name: people
    expr: count(1)
  - name: amount
    expr: sum(amount)
