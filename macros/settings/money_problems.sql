{% macro money_problems() %}
    {#- A line where some of the threshold's keys about money are given, others not. -#}
    {%- set threshold = attrition.setting('threshold') -%}
    {%- set keys = ['cost_of_contact', 'value_of_customer', 'success_rate'] -%}
    {%- set missing = keys | reject('in', threshold) | list -%}
    {%- if missing and missing | length < keys | length -%}
        {% do return([
            'threshold: ' ~ missing | join(' and ')
            ~ (' is' if missing | length == 1 else ' are')
            ~ ' missing; give cost_of_contact, value_of_customer and success_rate, or'
            ~ ' none of them.'
        ]) %}
    {%- endif -%}
    {% do return([]) %}
{% endmacro %}
