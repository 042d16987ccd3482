{% macro record_as_json(alias) %}
    {{- adapter.dispatch('record_as_json', 'attrition')(alias) -}}
{% endmacro %}

{% macro default__record_as_json(alias) -%}
    to_json(object_construct_keep_null({{ alias }}.*))
{%- endmacro %}

{% macro duckdb__record_as_json(alias) -%}
    cast(to_json({{ alias }}) as varchar)
{%- endmacro %}
