{% macro check_history() %}
    {#- Before any table is touched: the sales are long enough for the horizon, and the
        months of the settings lie among them. -#}
    {%- if not execute or flags.WHICH not in ('build', 'run') -%}
        {% do return('') %}
    {%- endif -%}
    {%- set history = attrition.sales_history() -%}
    {%- set problems = attrition.history_problems(history) if history else [] -%}
    {%- if problems -%}
        {%- do attrition.stop_with_problems(problems) -%}
    {%- endif -%}
{% endmacro %}
