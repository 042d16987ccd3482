{% macro all_words() %}
    {#- {event: order, events: orders, ...}: the setting `words` with every plural. -#}
    {%- set given = attrition.setting('words') -%}
    {%- set words = {} -%}
    {%- for name in ['event', 'unit', 'product', 'line'] -%}
        {%- do words.update({
            name: given[name],
            name ~ 's': given.get(name ~ 's') or given[name] ~ 's',
        }) -%}
    {%- endfor -%}
    {% do return(words) %}
{% endmacro %}
