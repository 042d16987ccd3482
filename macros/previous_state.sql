{% macro previous_state(model, columns) -%}
    {#- What a state table held before this run, or a typed empty selection on the first
        run. The only back edge of the graph: `ref` would close a cycle. -#}
    {%- set relation = none -%}
    {%- if execute -%}
        {%- set relation = adapter.get_relation(
            database=attrition.state_relation(model).database,
            schema=attrition.state_relation(model).schema,
            identifier=attrition.state_relation(model).identifier
        ) -%}
    {%- endif -%}
    {%- if relation is none -%}
    (
        select
            {%- for column, type in columns.items() %}
            cast(null as {{ type }}) as {{ column }}
            {{- "," if not loop.last }}
            {%- endfor %}
        where false
    ) as previous_state
    {%- else -%}
    {{ relation }}
    {%- endif -%}
{%- endmacro %}
