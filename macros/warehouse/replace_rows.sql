{% macro replace_rows(relation, condition, query) %}
    {#- Puts the rows of a query in the place of those that meet a condition, both or neither. -#}
    {% do return(adapter.dispatch('replace_rows', 'attrition')(relation, condition, query)) %}
{% endmacro %}

{% macro default__replace_rows(relation, condition, query) %}
    {%- do attrition.stop_for_unknown_warehouse('replace_rows') -%}
{% endmacro %}

{% macro duckdb__replace_rows(relation, condition, query) %}
    {%- call statement('delete_rows', auto_begin=true) -%}
        delete from {{ relation }} where {{ condition }}
    {%- endcall -%}
    {%- call statement('insert_rows') -%}
        insert into {{ relation }} by name {{ query }}
    {%- endcall -%}
{% endmacro %}

{% macro snowflake__replace_rows(relation, condition, query) %}
    {#- The query may fail, and dbt would not roll back: so it runs before anything is deleted. -#}
    {%- set made = make_temp_relation(relation) -%}
    {%- set columns = adapter.get_columns_in_relation(relation) | map(attribute='quoted') | join(', ') -%}
    {%- call statement('make_rows') -%}
        {{ create_table_as(true, made, query) }}
    {%- endcall -%}
    {%- call statement('replace_rows') -%}
        {{ snowflake_dml_explicit_transaction(
            'delete from ' ~ relation ~ ' where ' ~ condition ~ ';\n'
            ~ 'insert into ' ~ relation ~ ' (' ~ columns ~ ') select ' ~ columns ~ ' from ' ~ made
        ) }}
    {%- endcall -%}
    {%- do adapter.drop_relation(made) -%}
{% endmacro %}
