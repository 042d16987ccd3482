{% macro files_in(folder) %}
    {%- set found = run_query(
        "select file from glob(" ~ dbt.string_literal(dbt.escape_single_quotes(folder ~ '/*'))
        ~ ") order by file"
    ) -%}
    {% do return(found.columns[0].values() | list) %}
{% endmacro %}
