{% macro setting_not_allowed(path, value, node) %}
    {#- The line that says that a value is not what is allowed. -#}
    {%- set hint = '' -%}
    {%- if value is string -%}
        {%- set hint = attrition.did_you_mean(value, node.get('choices', [])) -%}
    {%- endif -%}
    {% do return(
        path ~ ': ' ~ attrition.setting_shown(value) ~ ' is not allowed; allowed: '
        ~ node.allowed ~ '.' ~ hint
    ) %}
{% endmacro %}
