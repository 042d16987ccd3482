{% macro check_settings() %}
    {#- Stop with one line per problem of the settings, before any table is touched. -#}
    {%- set problems = [] -%}
    {%- set wrong = [] -%}
    {%- for name, node in attrition.settings_schema().items() -%}
        {%- set found = attrition.setting_problems(name, var(name, none), node) -%}
        {%- do problems.extend(found) -%}
        {%- if found -%}{%- do wrong.append(name) -%}{%- endif -%}
    {%- endfor -%}
    {%- do problems.extend(attrition.unknown_vars()) -%}
    {%- do problems.extend(attrition.settings_conflicts(wrong)) -%}
    {%- if problems -%}
        {%- do attrition.stop_with_problems(problems) -%}
    {%- endif -%}
{% endmacro %}
