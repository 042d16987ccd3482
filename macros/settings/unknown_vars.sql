{% macro unknown_vars() %}
    {#- Vars of the command line that are no settings. A project that installs this one
        has vars of its own: there, only what looks like a setting of ours counts. -#}
    {%- set given = invocation_args_dict.get('vars') or {} -%}
    {%- set given = fromyaml(given) if given is string else given -%}
    {%- set names = attrition.settings_schema().keys() | list -%}
    {%- set is_root = project_name == 'attrition' -%}
    {%- set lines = [] -%}
    {%- for name in given if name not in names -%}
        {%- set near = attrition.nearest_name(name, names, 0.5 if is_root else 0.8) -%}
        {%- if is_root or near is not none -%}
            {%- do lines.append(
                name ~ ' is not a setting.'
                ~ (' Did you mean ' ~ near ~ '?' if near else '')
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {% do return(lines) %}
{% endmacro %}
