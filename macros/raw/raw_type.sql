{% macro raw_type(kind) %}
    {%- set types = {
        'date': 'date',
        'number': 'decimal(18, 4)',
        'boolean': 'boolean',
        'text': dbt.type_string(),
    } -%}
    {{- types[kind] -}}
{% endmacro %}
