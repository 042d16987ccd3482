{% macro file_exists(path) %}
    {%- set found = run_query(
        "select count(*) from glob(" ~ dbt.string_literal(dbt.escape_single_quotes(path)) ~ ")"
    ) -%}
    {% do return(found.columns[0].values()[0] | int > 0) %}
{% endmacro %}
