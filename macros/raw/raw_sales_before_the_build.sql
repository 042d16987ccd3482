{% macro raw_sales_before_the_build() %}
    {#- The relation that the accepted sales will come from, or none where it is a seed
        that has not been loaded. -#}
    {%- if attrition.setting('raw_data') == 'source' -%}
        {% do return(attrition.raw_table('sales') | trim) %}
    {%- endif -%}
    {%- set seeds = graph.nodes.values()
        | selectattr('resource_type', 'equalto', 'seed')
        | selectattr('name', 'equalto', 'raw_sales')
        | selectattr('package_name', 'equalto', 'attrition')
        | list -%}
    {%- if not seeds -%}
        {% do return(none) %}
    {%- endif -%}
    {% do return(adapter.dispatch('seed_rows', 'attrition')(seeds[0])) %}
{% endmacro %}

{% macro default__seed_rows(seed) %}
    {% do return(adapter.get_relation(
        database=seed.database, schema=seed.schema, identifier=seed.alias
    )) %}
{% endmacro %}

{% macro duckdb__seed_rows(seed) %}
    {#- The file itself: it is there before the first build, and never out of date. -#}
    {%- set path = seed.root_path ~ '/' ~ seed.original_file_path -%}
    {%- if not attrition.file_exists(path) -%}
        {% do return(none) %}
    {%- endif -%}
    {%- set literal = dbt.string_literal(dbt.escape_single_quotes(path)) -%}
    {% do return('read_csv(' ~ literal ~ ', header = true, all_varchar = true)') %}
{% endmacro %}
