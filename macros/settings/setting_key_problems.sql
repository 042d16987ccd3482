{% macro setting_key_problems(path, value, node) %}
    {#- Lines about the keys of a mapping: unknown, missing, wrong. -#}
    {%- set lines = [] -%}
    {%- set fields = node.fields -%}
    {%- set label = path -%}
    {%- set names = [] -%}
    {%- if node.type == 'modes' -%}
        {%- set mode = value.get('mode', node.default.mode) -%}
        {%- if mode is not string or mode not in node.modes -%}
            {%- set modes = node.modes.keys() | list -%}
            {%- set allowed = {'choices': modes, 'allowed': modes | join(', ')} -%}
            {% do return([
                attrition.setting_not_allowed(path ~ '.mode', mode, allowed)
            ]) %}
        {%- endif -%}
        {%- set fields = node.modes[mode] -%}
        {%- set label = path ~ ' with mode ' ~ mode -%}
        {%- do names.append('mode') -%}
    {%- endif -%}
    {%- do names.extend(fields) -%}
    {%- for key, field in fields.items()
        if key not in value and field.default is not defined -%}
        {%- set place = path ~ '.' ~ key -%}
        {%- do lines.append(place ~ ' is missing; allowed: ' ~ field.allowed ~ '.') -%}
    {%- endfor -%}
    {%- for key, item in value.items() if key != 'mode' or node.type != 'modes' -%}
        {%- if key in fields -%}
            {%- do lines.extend(
                attrition.setting_problems(path ~ '.' ~ key, item, fields[key])
            ) -%}
        {%- else -%}
            {%- do lines.append(
                path ~ '.' ~ key ~ ' is not a key of ' ~ label ~ '; keys: '
                ~ names | join(', ') ~ '.'
                ~ attrition.did_you_mean(key, names)
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {% do return(lines) %}
{% endmacro %}
