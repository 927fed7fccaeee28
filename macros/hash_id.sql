{% macro hash_id(entity, natural_key) -%}
    xxhash64(
        '{{ entity }}'
        {%- for column in natural_key %}, coalesce(cast({{ column }} as string), chr(0)){% endfor -%}
    ) & 9223372036854775807
{%- endmacro %}
