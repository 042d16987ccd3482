{% macro check_seeds() %}
    {#- Before any table is touched: each seed that a selected model reads is loaded, or will be by
        this run, which `dbt run` does not. -#}
    {%- if not execute or flags.WHICH not in ('build', 'run') -%}
        {% do return('') %}
    {%- endif -%}
    {%- set read = [] -%}
    {%- for id in selected_resources if graph.nodes.get(id, {}).get('resource_type') == 'model' -%}
        {%- do read.extend(graph.nodes[id].depends_on.nodes) -%}
    {%- endfor -%}
    {%- set missing = [] -%}
    {%- for id in read | unique if id.startswith('seed.attrition.') and id not in selected_resources -%}
        {%- set seed = graph.nodes[id] -%}
        {%- if not adapter.get_relation(
            database=seed.database, schema=seed.schema, identifier=seed.alias
        ) -%}
            {%- do missing.append(seed.name) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if missing -%}
        {%- do exceptions.raise_compiler_error(
            'Seeds that are read are not loaded: ' ~ missing | sort | join(', ')
            ~ '. Run `dbt seed` first, or `dbt build`, which loads them.'
        ) -%}
    {%- endif -%}
{% endmacro %}
