{% macro omop_table_of_domain(domain, default_table) -%}
    case {{ domain }}
            when 'Condition' then 'condition_occurrence'
            when 'Procedure' then 'procedure_occurrence'
            when 'Drug' then 'drug_exposure'
            when 'Device' then 'device_exposure'
            when 'Measurement' then 'measurement'
            when 'Specimen' then 'specimen'
            else case when {{ domain }} is null then {{ default_table }} else 'observation' end
        end
{%- endmacro %}
