{% macro check_library() %}
    {#- Before any table is touched: what the Python models import is there. -#}
    {%- if not execute or flags.WHICH not in ('build', 'run') -%}
        {% do return('') %}
    {%- endif -%}
    {%- set models = graph.nodes.values()
        | selectattr('resource_type', 'equalto', 'model')
        | selectattr('language', 'equalto', 'python')
        | selectattr('package_name', 'equalto', 'attrition')
        | selectattr('unique_id', 'in', selected_resources)
        | list -%}
    {%- set imported = models | map(attribute='config.imports') | sum(start=[])
        | unique | list -%}
    {{ return(adapter.dispatch('check_library', 'attrition')(imported)) }}
{% endmacro %}

{% macro default__check_library(imported) %}
    {#- Elsewhere the library is a package of the environment that dbt runs in. -#}
{% endmacro %}

{% macro snowflake__check_library(imported) %}
    {%- for path in imported -%}
        {%- set place, name = path.lstrip('@').split('/') -%}
        {%- set schema = place.split('.')[:-1] | join('.') -%}
        {%- set stage = place.split('.')[-1] -%}
        {%- set stages = run_query('show stages in schema ' ~ schema) -%}
        {%- set found = [] -%}
        {%- for row in stages.rows if row['name'] | lower == stage | lower -%}
            {%- for file in run_query('list @' ~ place).rows -%}
                {%- do found.append(file['name'].split('/')[-1]) -%}
            {%- endfor -%}
        {%- else -%}
            {%- do exceptions.raise_compiler_error(
                'The stage ' ~ place ~ ' is not there, or role ' ~ target.role
                ~ ' may not see it, and the Python models import ' ~ name
                ~ ' from it. Run `make snowflake-upload` first.'
            ) -%}
        {%- endfor -%}
        {%- if name not in found -%}
            {%- do exceptions.raise_compiler_error(
                name ~ ', which the Python models import, is not on the stage ' ~ place
                ~ '; there ' ~ ('is nothing' if not found else 'are ' ~ found | join(', '))
                ~ '. Run `make snowflake-upload` first.'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}
