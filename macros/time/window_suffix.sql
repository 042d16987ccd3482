{% macro window_suffix(buckets) %}
    {#- Ending of a windowed feature's name: 6m for six months, 26w for 26 weeks. -#}
    {% do return(buckets ~ ('m' if attrition.setting('time_grain') == 'month' else 'w')) %}
{% endmacro %}
