{% macro missing_version(setting_name, id, versions) %}
    {#- The line that says that an id is none of the versions, newest first. -#}
    {%- if not versions -%}
        {% do return(
            setting_name ~ ': ' ~ id ~ ' is not a version. There is none yet: build'
            ~ ' without it first.'
        ) %}
    {%- endif -%}
    {% do return(
        setting_name ~ ': ' ~ id ~ ' is not a version.'
        ~ ' Versions, newest first: ' ~ versions[:10] | join(', ') ~ '.'
    ) %}
{% endmacro %}
