{% macro staged_key(feed, entity) %}
    {#- Where the contract has no key, and while dbt parses, a row is its place in its file. -#}
    {%- set contract = feed_contract(feed, entity) -%}
    {%- if contract is none or not contract.key -%}
        {{ return(['_file_path', '_row_position']) }}
    {%- endif -%}
    {{ return(contract.key + (['_file_path'] if contract.get('key_within') == 'file' else [])) }}
{% endmacro %}
