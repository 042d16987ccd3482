{% macro write_kept_keys(relation, keys=none, description='') %}
    {#- In the last line of the table's comment, so that both come and go together. -#}
    {%- set lines = [description] | select | list -%}
    {%- if keys -%}
        {%- set words = ['made from', keys.all] -%}
        {%- for date, key in keys.as_of.items() -%}
            {%- do words.append(date ~ '=' ~ key) -%}
        {%- endfor -%}
        {%- do lines.append(words | join(' ')) -%}
    {%- endif -%}
    {%- call statement('write_kept_keys', auto_begin=true) -%}
        comment on table {{ relation }} is {{ attrition.text_literal(lines | join('\n')) }}
    {%- endcall -%}
{% endmacro %}
