{% macro check_versions() %}
    {#- Before any table is touched: the versions that the settings name exist. -#}
    {%- set champion = attrition.setting('champion_version') -%}
    {%- set named = {
        'champion_version': [champion] if champion else [],
        'shadow_versions': attrition.setting('shadow_versions'),
    } -%}
    {%- set ids_in_all = named.values() | sum(start=[]) -%}
    {%- if not execute or not ids_in_all or flags.WHICH not in ('build', 'run') -%}
        {% do return('') %}
    {%- endif -%}
    {%- set versions = attrition.known_versions()
        | map(attribute='version_id') | list -%}
    {%- set lines = [] -%}
    {%- for setting_name, ids in named.items() -%}
        {%- for id in ids if id not in versions -%}
            {%- do lines.append(
                attrition.missing_version(setting_name, id, versions)
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if lines -%}
        {%- do attrition.stop_with_problems(lines) -%}
    {%- endif -%}
{% endmacro %}
