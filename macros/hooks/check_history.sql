{% macro check_history(buckets) %}
    {#- Right after the time buckets are made, before any state is touched: the sales are
        long enough for the horizon, and the months of the settings lie among them. -#}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {%- set problems = attrition.history_problems(attrition.sales_history(buckets)) -%}
        {%- if problems -%}
            {%- do attrition.stop_with_problems(problems) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
