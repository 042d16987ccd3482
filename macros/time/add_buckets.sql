{% macro add_buckets(date, count) -%}
    {#- The date that lies a number of time buckets after a date. -#}
    cast({{ dbt.dateadd(attrition.setting('time_grain'), count, date) }} as date)
{%- endmacro %}
