{% macro renamed_features() %}
    {#- `rename_cols` without what does not exist: a domain that is off has no columns. -#}
    {%- set known = attrition.existing_features() -%}
    {%- set domains = attrition.setting('feature_domains') -%}
    {%- set renamed = {} -%}
    {%- for name, new_name in attrition.setting('rename_cols').items() -%}
        {%- if known.get(name, {}).domain in domains and name != new_name -%}
            {%- do renamed.update({name: new_name}) -%}
        {%- endif -%}
    {%- endfor -%}
    {% do return(renamed) %}
{% endmacro %}
