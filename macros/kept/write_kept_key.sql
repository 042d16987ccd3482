{% macro write_kept_key(relation, key, description='') %}
    {#- In the last line of the table's comment, so that both come and go together. -#}
    {%- set lines = [description, 'made from ' ~ key if key else ''] | select | join('\n') -%}
    {%- call statement('write_kept_key', auto_begin=true) -%}
        comment on table {{ relation }} is {{ attrition.text_literal(lines) }}
    {%- endcall -%}
{% endmacro %}
