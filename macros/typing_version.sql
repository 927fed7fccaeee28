{% macro typing_version(statement) %}
    {{ return(local_md5(statement)) }}
{% endmacro %}
