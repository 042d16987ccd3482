{% macro buckets_in_months(months) %}
    {#- How many time buckets stand for a number of months. -#}
    {%- if attrition.setting('time_grain') == 'month' -%}
        {% do return(months) %}
    {%- else -%}
        {% do return((months * 52 / 12) | round | int) %}
    {%- endif -%}
{% endmacro %}
