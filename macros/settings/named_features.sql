{% macro named_features(names) -%}
    {#- Names that a person typed, as a list of SQL's: a quote in one stays a quote. -#}
    {%- for name in names -%}
        {{ attrition.text_literal(name) }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
