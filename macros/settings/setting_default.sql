{% macro setting_default(node) %}
    {#- The default of a setting. One that is given in months stands for as many time buckets. -#}
    {%- set months = node.default_months -%}
    {%- if months is undefined -%}
        {% do return(node.default) %}
    {%- elif months is number -%}
        {% do return(attrition.buckets_in_months(months)) %}
    {%- endif -%}
    {%- set buckets = [] -%}
    {%- for length in months -%}
        {%- do buckets.append(attrition.buckets_in_months(length)) -%}
    {%- endfor -%}
    {% do return(buckets) %}
{% endmacro %}
