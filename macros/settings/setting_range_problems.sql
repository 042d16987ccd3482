{% macro setting_range_problems(path, value, node) %}
    {#- Lines about a range of a hyperparameter. -#}
    {%- set form = {
        'type': 'fields',
        'fields': {
            'min': node.number,
            'max': node.number,
            'log': {'type': 'boolean', 'allowed': 'true, false', 'default': false},
        },
    } -%}
    {%- set lines = attrition.setting_key_problems(path, value, form) -%}
    {%- set shown = path ~ ': ' ~ attrition.setting_shown(value) ~ ': ' -%}
    {%- if lines -%}
        {% do return(lines) %}
    {%- elif value.min > value.max -%}
        {% do return([shown ~ 'min is above max.']) %}
    {%- elif value.get('log') and value.min <= 0 -%}
        {% do return([shown ~ 'a logarithmic range needs a min above 0.']) %}
    {%- endif -%}
    {% do return([]) %}
{% endmacro %}
