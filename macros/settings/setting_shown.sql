{% macro setting_shown(value) %}
    {#- A value as in YAML on one line, texts in double quotes. -#}
    {%- set parts = [] -%}
    {%- if value is none -%}
        {% do return('null') %}
    {%- elif value is boolean -%}
        {% do return(value | string | lower) %}
    {%- elif value is string -%}
        {% do return('"' ~ value ~ '"') %}
    {%- elif value is mapping -%}
        {%- for key, item in value.items() -%}
            {%- do parts.append(key ~ ': ' ~ attrition.setting_shown(item)) -%}
        {%- endfor -%}
        {% do return('{' ~ parts | join(', ') ~ '}') %}
    {%- elif value is sequence -%}
        {%- for item in value -%}
            {%- do parts.append(attrition.setting_shown(item)) -%}
        {%- endfor -%}
        {% do return('[' ~ parts | join(', ') ~ ']') %}
    {%- endif -%}
    {% do return(value | string) %}
{% endmacro %}
