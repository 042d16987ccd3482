{% macro table_comment_query(relation) %}
    {{- adapter.dispatch('table_comment_query', 'attrition')(relation) -}}
{% endmacro %}

{% macro default__table_comment_query(relation) %}
    {%- do attrition.stop_for_unknown_warehouse('table_comment_query') -%}
{% endmacro %}

{% macro duckdb__table_comment_query(relation) -%}
    select comment from duckdb_tables()
    where
        database_name = '{{ relation.database }}'
        and schema_name = '{{ relation.schema }}'
        and table_name = '{{ relation.identifier }}'
{%- endmacro %}

{% macro snowflake__table_comment_query(relation) -%}
    select comment from {{ relation.information_schema() }}.tables
    where
        table_schema = '{{ relation.schema | upper }}'
        and table_name = '{{ relation.identifier | upper }}'
{%- endmacro %}
