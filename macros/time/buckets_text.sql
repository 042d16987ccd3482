{% macro buckets_text(buckets) %}
    {#- A number of time buckets in words: 1 month, 26 weeks. -#}
    {% do return(buckets ~ ' ' ~ attrition.setting('time_grain') ~ ('' if buckets == 1 else 's')) %}
{% endmacro %}
