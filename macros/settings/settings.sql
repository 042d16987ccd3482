{% macro settings() %}
    {#- All settings by name, defaults merged in. -#}
    {%- set gathered = {} -%}
    {%- for name in attrition.settings_schema() -%}
        {%- do gathered.update({name: attrition.setting(name)}) -%}
    {%- endfor -%}
    {% do return(gathered) %}
{% endmacro %}
