{% macro did_you_mean(name, names) %}
    {#- ` Did you mean x?`, or an empty text when no name is near. -#}
    {%- set near = attrition.nearest_name(name, names) -%}
    {% do return(' Did you mean ' ~ near ~ '?' if near else '') %}
{% endmacro %}
