{% macro buckets_of_test() %}
    {#- How many of the newest matured buckets are the test; none where customers are. -#}
    {%- set split = attrition.setting('split') -%}
    {%- if split.mode == 'last_n_months' -%}
        {% do return(attrition.buckets_in_months(split.months)) %}
    {%- endif -%}
    {% do return(split.get('buckets')) %}
{% endmacro %}
