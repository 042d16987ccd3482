{% macro record_as_json(alias) %}
    {{- adapter.dispatch('record_as_json', 'attrition')(alias) -}}
{% endmacro %}

{% macro default__record_as_json(alias) %}
    {%- do attrition.stop_for_unknown_warehouse('record_as_json') -%}
{% endmacro %}

{% macro duckdb__record_as_json(alias) -%}
    cast(to_json({{ alias }}) as varchar)
{%- endmacro %}

{% macro snowflake__record_as_json(alias) -%}
    to_json(object_construct_keep_null({{ alias }}.*))
{%- endmacro %}
