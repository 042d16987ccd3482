{% macro dataset_features() %}
    {#- {column: data type} of the features that `modeling_dataset` has. -#}
    {%- set domains = attrition.setting('feature_domains') -%}
    {%- set renamed = attrition.renamed_features() -%}
    {%- set features = {} -%}
    {%- for name, feature in attrition.existing_features().items() -%}
        {%- if feature.domain in domains -%}
            {%- do features.update({renamed.get(name, name): feature.data_type}) -%}
        {%- endif -%}
    {%- endfor -%}
    {% do return(features) %}
{% endmacro %}
