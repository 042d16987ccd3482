{% macro stop_for_raw_data(problems) %}
    {#- Stop with one line per problem of the raw data. -#}
    {%- do exceptions.raise_compiler_error(
        problems | length ~ (' problem' if problems | length == 1 else ' problems')
        ~ ' in the raw data:\n  - ' ~ problems | join('\n  - ')
    ) -%}
{% endmacro %}
