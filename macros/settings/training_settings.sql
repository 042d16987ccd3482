{% macro training_settings() %}
    {#- Every setting that can change a model version. -#}
    {%- set names = [] -%}
    {%- for name, node in attrition.settings_schema().items()
        if node.get('decides') != 'no version' -%}
        {%- do names.append(name) -%}
    {%- endfor -%}
    {% do return(names | sort) %}
{% endmacro %}
