{% macro raw_value(name) -%}
    {#- A column of a raw record under the name that the file has for it, whatever is in it. -#}
    raw_record."{{ name | replace('"', '""') }}"
{%- endmacro %}
