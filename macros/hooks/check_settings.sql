{% macro check_settings() %}
    {#- Where the library is, dbt_attrition.py has checked more than this, and earlier. -#}
    {%- set schema = attrition.settings_schema() -%}
    {%- set problems = [] -%}
    {%- for name, node in schema.items()
        if not attrition.is_unset(var(name, none), node) -%}
        {%- do problems.extend(attrition.setting_problems(name, var(name), node)) -%}
    {%- endfor -%}
    {%- set given = invocation_args_dict.get('vars') or {} -%}
    {%- set given = fromyaml(given) if given is string else given -%}
    {%- for name in given if name not in schema and project_name == 'attrition' -%}
        {%- do problems.append(
            attrition.shown_value(name, 'name') ~ ' is not a setting.'
        ) -%}
    {%- endfor -%}
    {%- if problems -%}
        {%- do attrition.stop_with_problems(problems) -%}
    {%- endif -%}
{% endmacro %}
