{% macro setting_not_allowed(path, value, node) %}
    {#- The line that says that a value is of the wrong type or outside what is allowed. -#}
    {%- set near = none -%}
    {%- if value is string -%}
        {%- set near = attrition.nearest_name(value, node.get('choices', [])) -%}
    {%- endif -%}
    {% do return(
        path ~ ': ' ~ attrition.setting_shown(value) ~ ' is not allowed; allowed: '
        ~ node.allowed ~ '.' ~ (' Did you mean ' ~ near ~ '?' if near else '')
    ) %}
{% endmacro %}
