{% macro bucket_of(date) -%}
    {#- Number of the time bucket that a date falls into; buckets count up by one. -#}
    {%- if attrition.setting('time_grain') == 'month' -%}
        {{ dbt.datediff("date '1900-01-01'", date, 'month') }}
    {%- else -%}
        {#- 1900-01-01 was a Monday, and no accepted date lies before it. -#}
        cast(floor({{ dbt.datediff("date '1900-01-01'", date, 'day') }} / 7) as integer)
    {%- endif -%}
{%- endmacro %}
