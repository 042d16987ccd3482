{% macro stop_with_problems(problems) %}
    {#- Stop with one line per problem of the settings. -#}
    {%- set one = problems | length == 1 -%}
    {%- do exceptions.raise_compiler_error(
        problems | length ~ (' setting is wrong' if one else ' settings are wrong')
        ~ ' (vars in dbt_project.yml, or --vars):\n  - ' ~ problems | join('\n  - ')
    ) -%}
{% endmacro %}
