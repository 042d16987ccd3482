{% macro kept_key_of(relation) %}
    {#- What a kept table was made from, and nothing where that is not known. -#}
    {%- set comments = run_query(attrition.table_comment_query(relation)).columns[0].values() -%}
    {%- set line = (comments | select | join).split('\n') | last -%}
    {% do return(line[10:] if line.startswith('made from ') else '') %}
{% endmacro %}
