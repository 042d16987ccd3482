{% macro buckets_in_horizons(shares) %}
    {#- Windows that are shares of the horizon, in whole buckets; none twice. -#}
    {%- set horizon = attrition.setting('attrition_horizon') -%}
    {%- set windows = [] -%}
    {%- for share in shares -%}
        {%- set window = (share * horizon) | round(0, 'ceil') | int -%}
        {%- if window not in windows -%}{%- do windows.append(window) -%}{%- endif -%}
    {%- endfor -%}
    {% do return(windows) %}
{% endmacro %}
