{% macro bucket_start(bucket) -%}
    {#- First day of a time bucket. -#}
    {%- if attrition.setting('time_grain') == 'month' -%}
        cast({{ dbt.dateadd('month', bucket, "date '1900-01-01'") }} as date)
    {%- else -%}
        cast({{ dbt.dateadd('day', '(' ~ bucket ~ ') * 7', "date '1900-01-01'") }} as date)
    {%- endif -%}
{%- endmacro %}
