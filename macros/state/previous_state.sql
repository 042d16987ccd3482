{% macro previous_state(model, columns) -%}
    {#- What a state table held before this run: typed, with nulls for columns that it had
        not yet, and empty on the first run. The only back edge of the graph: `ref` would
        close a cycle. -#}
    {%- set place = attrition.state_relation(model) if execute else none -%}
    {%- set relation = adapter.get_relation(
        database=place.database, schema=place.schema, identifier=place.identifier
    ) if execute else none -%}
    {%- set present = adapter.get_columns_in_relation(relation)
        | map(attribute='name') | map('lower') | list if relation else [] -%}
    (
        select
            {%- for column, type in columns.items() %}
            cast({{ column if column in present else 'null' }} as {{ type }}) as {{ column }}
            {{- "," if not loop.last }}
            {%- endfor %}
        {% if relation -%}
        from {{ relation }}
        {%- else -%}
        where false
        {%- endif %}
    ) as previous_state
{%- endmacro %}
