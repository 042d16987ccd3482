{% macro year_ago_buckets() %}
    {#- Length of the window that begins a year before the snapshot: the horizon, or a year
        where that is shorter, since the window must end before the snapshot's own bucket. -#}
    {% do return([attrition.setting('attrition_horizon'), attrition.buckets_in_months(12)] | min) %}
{% endmacro %}
