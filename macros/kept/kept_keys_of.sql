{% macro kept_keys_of(relation) %}
    {#- What a kept table was made from, and nothing where that is not known. -#}
    {%- set comments = run_query(attrition.table_comment_query(relation)).columns[0].values() -%}
    {%- set line = (comments | select | join).split('\n') | last -%}
    {%- set as_of = {} -%}
    {%- if not line.startswith('made from ') -%}
        {% do return({'all': '', 'as_of': as_of}) %}
    {%- endif -%}
    {%- set words = line.split(' ') -%}
    {%- for word in words[3:] -%}
        {%- do as_of.update([word.split('=')]) -%}
    {%- endfor -%}
    {% do return({'all': words[2], 'as_of': as_of}) %}
{% endmacro %}
