{% macro accounted_entities() %}
    {#- One line an entity with a base model. A base model without its line stops the compile. -#}
    {%- set entities = [
        ('synthea', 'conditions'),
        ('synthea', 'encounters'),
        ('synthea', 'patients'),
        ('uk_epd', 'prescribing'),
        ('vocabulary', 'concept'),
        ('vocabulary', 'concept_ancestor'),
        ('vocabulary', 'concept_class'),
        ('vocabulary', 'concept_relationship'),
        ('vocabulary', 'concept_synonym'),
        ('vocabulary', 'domain'),
        ('vocabulary', 'drug_strength'),
        ('vocabulary', 'relationship'),
        ('vocabulary', 'vocabulary'),
    ] -%}
    {%- if execute -%}
        {%- set listed = [] -%}
        {%- for feed, entity in entities -%}
            {%- do listed.append('base_' ~ feed ~ '__' ~ entity) -%}
        {%- endfor -%}
        {%- for node in graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') -%}
            {%- if node.name.startswith('base_') and node.name not in listed -%}
                {{ exceptions.raise_compiler_error(
                    "Model " ~ node.name ~ " is not in the accounts of rows. Add its feed and entity to "
                    ~ "macros/accounted_entities.sql."
                ) }}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(entities) }}
{% endmacro %}
