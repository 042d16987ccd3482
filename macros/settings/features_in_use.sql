{% macro features_in_use() %}
    {#- Features of the domains that are on, with their directions: a new one is a reason
        to train. -#}
    {%- set domains = attrition.setting('feature_domains') -%}
    {%- set found = {} -%}
    {%- for name, facts in attrition.existing_features().items()
        if facts.domain in domains -%}
        {%- do found.update({name: facts.monotone_direction}) -%}
    {%- endfor -%}
    {% do return(found) %}
{% endmacro %}
