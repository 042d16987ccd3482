{% macro task_settings() %}
    {#- The settings that make a question; only versions of one question can be compared. -#}
    {%- set names = [] -%}
    {%- for name, node in attrition.settings_schema().items()
        if node.get('decides') == 'the task' -%}
        {%- do names.append(name) -%}
    {%- endfor -%}
    {% do return(names) %}
{% endmacro %}
