{% macro running_last(measure, condition) -%}
    {#- A measure as it was in a customer's last bucket that meets a condition. -#}
    {{ attrition.so_far(attrition.last_known('case when ' ~ condition ~ ' then ' ~ measure ~ ' end')) }}
{%- endmacro %}
