{% macro promotion_outcome(chosen, champion) %}
    {#- What a person's promotion did, and from when on it holds. -#}
    {%- set task_fingerprint = attrition.settings_fingerprint(attrition.task_settings()) -%}
    {%- set pinned = attrition.setting('champion_version') -%}
    {%- set done = chosen.version_id ~ ' is promoted'
        ~ (' in place of ' ~ champion if champion else '') ~ ': ' -%}
    {%- if chosen.task_fingerprint != task_fingerprint -%}
        {% do return(
            done ~ 'it answers another question than the settings do, and scores in the next'
            ~ ' `dbt build` whose target, horizon, grain and population are its own.'
        ) %}
    {%- elif pinned and pinned != chosen.version_id -%}
        {% do return(
            done ~ 'it scores as soon as the setting champion_version no longer pins '
            ~ pinned ~ '.'
        ) %}
    {%- endif -%}
    {% do return(done ~ 'the next `dbt build` scores with it.') %}
{% endmacro %}
