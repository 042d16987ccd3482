{% macro buckets_ahead() %}
    {#- How many time buckets the forecast looks ahead. -#}
    {% do return(attrition.buckets_in_months(attrition.setting('num_month_forecast'))) %}
{% endmacro %}
