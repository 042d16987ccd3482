{% macro in_words(expression) -%}
    {#- A text in which `{event}`, `{events}` and so on are what the setting `words` calls them. -#}
    {%- set nested = namespace(sql=expression) -%}
    {%- for name, word in attrition.all_words().items() -%}
        {%- set nested.sql = 'replace(' ~ nested.sql ~ ", '{" ~ name ~ "}', "
            ~ attrition.text_literal(word) ~ ')' -%}
    {%- endfor -%}
    {{- nested.sql -}}
{%- endmacro %}
