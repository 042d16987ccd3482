{% macro place_of_python(relation) %}
    {#- Where a Python model writes its table, from where `put_in_place` takes it. -#}
    {% do return(adapter.dispatch('place_of_python', 'attrition')(relation)) %}
{% endmacro %}

{% macro default__place_of_python(relation) %}
    {%- do attrition.stop_for_unknown_warehouse('place_of_python') -%}
{% endmacro %}

{% macro duckdb__place_of_python(relation) %}
    {%- set place = make_intermediate_relation(relation) -%}
    {#- One that a run left that died, dropped for good: Python writes in a transaction of its own. -#}
    {%- do drop_relation_if_exists(load_cached_relation(place)) -%}
    {%- do adapter.commit() -%}
    {% do return(place) %}
{% endmacro %}

{#- It replaces the table at once. -#}
{% macro snowflake__place_of_python(relation) %}
    {% do return(relation) %}
{% endmacro %}
