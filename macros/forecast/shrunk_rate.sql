{% macro shrunk_rate(bought, at_risk, customers, worth, prior) -%}
    {#- Share of what was at risk that bought, as if `customers` more, of the usual worth, had
        bought as the prior says. -#}
    ({{ bought }} + {{ customers }} * {{ worth }} * {{ prior }})
    / nullif({{ at_risk }} + {{ customers }} * {{ worth }}, 0)
{%- endmacro %}
