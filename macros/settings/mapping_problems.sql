{% macro mapping_problems(path, value, form) %}
    {#- Lines about the keys of a mapping and what stands under them. -#}
    {%- set lines = [] -%}
    {%- set fields = attrition.setting_fields(value, form) -%}
    {%- for key in fields if fields[key].default is undefined and key not in value -%}
        {%- do lines.append(path ~ '.' ~ key ~ ' is missing.') -%}
    {%- endfor -%}
    {%- for key, item in value.items() -%}
        {%- set place = path ~ '.' ~ attrition.shown_value(key, 'key') -%}
        {%- if key not in fields -%}
            {%- do lines.append(place ~ ' is none of: ' ~ fields | join(', ') ~ '.') -%}
        {%- elif form.key -%}
            {%- do lines.extend(
                attrition.setting_problems(path ~ ', a key', key, form.key)
            ) -%}
        {%- endif -%}
        {%- if key in fields -%}
            {%- do lines.extend(attrition.setting_problems(place, item, fields[key])) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if form.range and not lines -%}
        {%- if value.min > value.max -%}
            {%- do lines.append(path ~ ': min is above max.') -%}
        {%- elif value.log and value.min <= 0 -%}
            {%- do lines.append(path ~ ': a logarithmic range needs a min above 0.') -%}
        {%- endif -%}
    {%- endif -%}
    {% do return(lines) %}
{% endmacro %}
