{% macro one_of(unit) -%}
    {#- What one of a unit is called: order for orders. -#}
    {%- set words = attrition.all_words() -%}
    case
        {%- for name in ['event', 'unit', 'product', 'line'] %}
        when {{ unit }} = {{ attrition.text_literal(words[name ~ 's']) }}
            then {{ attrition.text_literal(words[name]) }}
        {%- endfor %}
        when {{ unit }} like '%s' then left({{ unit }}, length({{ unit }}) - 1)
        else {{ unit }}
    end
{%- endmacro %}
