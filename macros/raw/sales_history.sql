{% macro sales_history() %}
    {#- First and last day of the accepted sales, read from the raw records, and the
        time buckets that the settings make of them; none where there is nothing. -#}
    {%- set relation = attrition.raw_sales_before_the_build() -%}
    {%- set history = {} -%}
    {%- if relation -%}
        {%- set row = run_query(attrition.sales_history_query(relation)).rows[0] -%}
        {%- for name in row.keys() -%}
            {%- do history.update({name | lower: row[name]}) -%}
        {%- endfor -%}
    {%- endif -%}
    {% do return(history if history.get('first_day') else none) %}
{% endmacro %}
