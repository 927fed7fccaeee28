{% macro accounted_entities() %}
    {#- One line an entity with a base model. A base model without its line stops the compile. -#}
    {%- set entities = [
        ('au_pbs', 'history'),
        ('au_pbs', 'items'),
        ('au_pbs', 'supply'),
        ('br_sngpc', 'dispensing'),
        ('dk_medstat', 'groups'),
        ('dk_medstat', 'population'),
        ('dk_medstat', 'sales'),
        ('fr_open_medic', 'dispensing'),
        ('fr_open_medic', 'packs'),
        ('fr_open_medic', 'specialities'),
        ('synthea', 'allergies'),
        ('synthea', 'careplans'),
        ('synthea', 'claims'),
        ('synthea', 'claims_transactions'),
        ('synthea', 'conditions'),
        ('synthea', 'devices'),
        ('synthea', 'encounters'),
        ('synthea', 'imaging_studies'),
        ('synthea', 'immunizations'),
        ('synthea', 'medications'),
        ('synthea', 'observations'),
        ('synthea', 'organizations'),
        ('synthea', 'patients'),
        ('synthea', 'payer_transitions'),
        ('synthea', 'payers'),
        ('synthea', 'procedures'),
        ('synthea', 'providers'),
        ('synthea', 'supplies'),
        ('uk_epd', 'cost_analysis'),
        ('uk_epd', 'prescribing'),
        ('us_sdud', 'utilization'),
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
