{% macro said_of_one(text, number_text, unit) -%}
    {#- The text with the unit's singular where it is of one. -#}
    case
        when {{ number_text }} = '1' and {{ unit }} is not null
            then replace({{ text }}, ' ' || {{ unit }}, ' ' || {{ attrition.one_of(unit) }})
        else {{ text }}
    end
{%- endmacro %}
