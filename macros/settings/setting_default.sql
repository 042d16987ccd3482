{% macro setting_default(node) %}
    {#- The default of a setting. One that is given in months, or as shares of the horizon, stands
        for as many time buckets. -#}
    {%- if node.default_months is defined -%}
        {% do return(attrition.buckets_in_months(node.default_months)) %}
    {%- elif node.default_horizons is defined -%}
        {% do return(attrition.buckets_in_horizons(node.default_horizons)) %}
    {%- endif -%}
    {% do return(node.default) %}
{% endmacro %}
