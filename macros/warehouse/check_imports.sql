{% macro check_imports(imported) %}
    {{ return(adapter.dispatch('check_imports', 'attrition')(imported)) }}
{% endmacro %}

{% macro default__check_imports(imported) %}
    {%- do attrition.stop_for_unknown_warehouse('check_imports') -%}
{% endmacro %}

{% macro duckdb__check_imports(imported) %}
    {#- On DuckDB the library is a package of the environment that dbt runs in. -#}
{% endmacro %}

{% macro snowflake__check_imports(imported) %}
    {%- set source = env_var('SNOWFLAKE_PACKAGE_SOURCE', 'pypi') -%}
    {%- if imported and source not in ('pypi', 'conda') -%}
        {%- do exceptions.raise_compiler_error(
            'SNOWFLAKE_PACKAGE_SOURCE is ' ~ source ~ ', and must be pypi or conda: it says'
            ~ ' where the Python models take their packages from.'
        ) -%}
    {%- endif -%}
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
