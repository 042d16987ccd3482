{% macro hash_columns(columns, unsaid=[], said={}) %}
    {#- Hash of a row without the columns in `unsaid`, and with what `said` has in place of one. -#}
    {%- set hashed = [] -%}
    {%- for column in columns if column not in unsaid -%}
        {%- do hashed.append(said.get(column, column)) -%}
    {%- endfor -%}
    {% do return(attrition.hash_number(hashed)) %}
{% endmacro %}
