{% macro staged_key(feed, entity) %}
    {#- Where the contract has no key, and while dbt parses, a row is its place in its file. -#}
    {%- set contract = feed_contract(feed, entity) -%}
    {%- if contract is none or not contract.key -%}
        {{ return(['_file_path', '_row_position']) }}
    {%- endif -%}
    {%- set holds_in_a_file = contract.get('key_within') == 'file' -%}
    {%- set newest_stands = contract.get('superseded_by') or contract.get('each_file_is_whole') -%}
    {%- set in_every_file = holds_in_a_file and not newest_stands -%}
    {{ return(contract.key + (['_file_path'] if in_every_file else [])) }}
{% endmacro %}
