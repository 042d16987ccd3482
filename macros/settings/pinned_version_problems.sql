{% macro pinned_version_problems() %}
    {#- A line where the version that scores is to be scored beside itself. -#}
    {%- set pinned = attrition.setting('champion_version') -%}
    {%- if pinned and pinned in attrition.setting('shadow_versions') -%}
        {% do return([
            'shadow_versions: ' ~ pinned
            ~ ' is champion_version too; take it out of one.'
        ]) %}
    {%- endif -%}
    {% do return([]) %}
{% endmacro %}
