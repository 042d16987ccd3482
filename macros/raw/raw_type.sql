{% macro raw_type(kind) %}
    {%- set types = {
        'date': 'date',
        'number': 'decimal(18, 4)',
        'boolean': 'boolean',
    } -%}
    {{- types.get(kind, dbt.type_string()) -}}
{% endmacro %}
