{% macro counted(expression, word) -%}
    {{ expression }} || case when {{ expression }} = 1 then ' {{ word }}' else ' {{ word }}s' end
{%- endmacro %}
