{% macro setting_fields(value, form) %}
    {#- {key: what is allowed} of a mapping; the keys may depend on its mode. -#}
    {%- if 'item' in form -%}
        {% do return(dict.fromkeys(value, form.item)) %}
    {%- elif 'range' in form -%}
        {%- set log = {'boolean': {}, 'allowed': 'true, false', 'default': false} -%}
        {% do return({'min': form.range, 'max': form.range, 'log': log}) %}
    {%- elif 'modes' in form -%}
        {%- set mode = {'text': {'choices': form.modes | list}, 'default': form.mode} -%}
        {%- set given = value.get('mode', form.mode) -%}
        {%- set fields = form.modes.get(given, {}) if given is string else {} -%}
        {% do return(dict({'mode': mode}, **fields)) %}
    {%- endif -%}
    {% do return(form.fields) %}
{% endmacro %}
