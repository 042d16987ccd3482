{% macro first_bucket_in(month) -%}
    {#- First time bucket that starts within a month given as YYYY-MM. -#}
    {{ attrition.bucket_of("date '" ~ month ~ "-01'" ) }}
    {%- if attrition.setting('time_grain') == 'week' %} + case
        when {{ attrition.bucket_start(attrition.bucket_of("date '" ~ month ~ "-01'")) }}
            < date '{{ month }}-01'
            then 1
        else 0
    end
    {%- endif -%}
{%- endmacro %}
