{% macro row_log_loss() -%}
    {#- Like scikit-learn, the probability of what happened is kept one machine epsilon
        of a double away from 0 and 1. -#}
    {%- set epsilon = '2.220446049250313e-16' -%}
    -ln(least(
        greatest(
            case when is_attrition = 1 then probability else 1 - probability end,
            {{ epsilon }}
        ),
        1 - {{ epsilon }}
    ))
{%- endmacro %}
