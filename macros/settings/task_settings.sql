{% macro task_settings() %}
    {#- The settings that make a question; only versions of one question can be compared. -#}
    {% do return(['target', 'attrition_horizon', 'time_grain', 'population', 'raw_data']) %}
{% endmacro %}
