{% macro json_elements(relation, key_columns, column, element) %}
    {#- Dispatched because the warehouses unfold arrays in different places of a query. -#}
    {{- adapter.dispatch('json_elements', 'attrition')(
        relation, key_columns, column, element
    ) -}}
{% endmacro %}

{% macro default__json_elements(relation, key_columns, column, element) %}
    {%- do attrition.stop_for_unknown_warehouse('json_elements') -%}
{% endmacro %}

{% macro duckdb__json_elements(relation, key_columns, column, element) -%}
    select
        {%- for key in key_columns %}
        {{ relation }}.{{ key }},
        {%- endfor %}
        cast(unnest(json_extract({{ relation }}.{{ column }}, '$[*]')) as varchar)
            as {{ element }}
    from {{ relation }}
{%- endmacro %}

{% macro snowflake__json_elements(relation, key_columns, column, element) -%}
    select
        {%- for key in key_columns %}
        {{ relation }}.{{ key }},
        {%- endfor %}
        to_json(unfolded.value) as {{ element }}
    from {{ relation }},
        lateral flatten(input => parse_json({{ relation }}.{{ column }})) as unfolded
{%- endmacro %}
