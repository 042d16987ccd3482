{% macro keep_earlier_versions() %}
    {#- Versions trained before `attrition_model_versions` became the readable table stay:
        their table gets the name under which versions are kept now. -#}
    {%- if not execute or flags.WHICH not in ('build', 'run') -%}
        {% do return('') %}
    {%- endif -%}
    {%- set place = attrition.state_relation('attrition_model_versions') -%}
    {%- set old = adapter.get_relation(
        database=place.database, schema=place.schema, identifier=place.identifier
    ) -%}
    {%- if not old -%}
        {% do return('') %}
    {%- endif -%}
    {%- set columns = adapter.get_columns_in_relation(old)
        | map(attribute='name') | map('lower') | list -%}
    {%- if 'judged_booster' in columns -%}
        {%- set kept = attrition.state_relation('attrition_model_artefacts') -%}
        {%- do adapter.rename_relation(old, kept.incorporate(type='table')) -%}
        {#- What a hook's macro runs is rolled back unless it says otherwise. -#}
        {%- do adapter.commit() -%}
    {%- endif -%}
{% endmacro %}
