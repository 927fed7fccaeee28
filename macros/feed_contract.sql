{% macro feed_contract(feed, entity) %}
    {#- The graph is empty while dbt parses: the statement of that pass is never run. -#}
    {%- if not execute -%} {{ return(none) }} {%- endif -%}

    {%- set found = graph.sources.values()
        | selectattr('source_name', 'equalto', feed)
        | selectattr('name', 'equalto', entity)
        | list -%}
    {%- if not found or not found[0].config.meta.get('contract') -%}
        {{ exceptions.raise_compiler_error(
            "Source " ~ feed ~ "." ~ entity ~ " has no config.meta.contract. It was expected in models/staging/"
            ~ feed ~ "/_" ~ feed ~ "__sources.yml, which `rwe feeds sync` writes from feeds/" ~ feed ~ ".yml."
        ) }}
    {%- endif -%}
    {{ return(found[0].config.meta.contract) }}
{% endmacro %}
