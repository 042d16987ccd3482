{% macro stop_for_unknown_warehouse(macro_name) %}
    {%- do exceptions.raise_compiler_error(
        'Nobody wrote `' ~ macro_name ~ '` for the warehouse "' ~ target.type
        ~ '"; allowed: duckdb, snowflake. To add one, write the macro `' ~ target.type ~ '__'
        ~ macro_name ~ '` into macros/warehouse/' ~ macro_name ~ '.sql.'
    ) -%}
{% endmacro %}
