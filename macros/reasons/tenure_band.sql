{% macro tenure_band(active_months) -%}
    {#- How long somebody has been a customer, in words. -#}
    case
        when {{ active_months }} < 6 then 'under 6 months'
        when {{ active_months }} < 12 then '6 to 11 months'
        when {{ active_months }} < 24 then '12 to 23 months'
        when {{ active_months }} < 36 then '24 to 35 months'
        when {{ active_months }} >= 36 then '36 months or more'
    end
{%- endmacro %}
