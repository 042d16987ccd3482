{% macro setting_problems(path, value, node) %}
    {#- Lines about a type, a range or a key that `settings_schema` does not allow. -#}
    {%- set kind = 'boolean' if value is boolean else 'integer' if value is integer
        else 'number' if value is number else 'text' if value is string
        else 'mapping' if value is mapping
        else 'list' if value is sequence else 'other' -%}
    {%- set form = node.get(kind, node.get('number') if kind == 'integer') -%}
    {%- set size = value if kind in ('integer', 'number')
        else value | length if kind in ('text', 'list') else 0 -%}
    {%- if node.optional and value | lower | trim in ('', 'null', 'none') -%}
        {% do return([]) %}
    {%- elif form is not mapping
        or size < form.get('minimum', size) or size > form.get('maximum', size)
        or size <= form.get('above', size - 1) or size >= form.get('below', size + 1)
        or 'choices' in form and value not in form.choices
        or 'pattern' in form and not modules.re.match(form.pattern, value) -%}
        {%- set shown = '"' ~ value ~ '"' if kind == 'text' else value -%}
        {%- set words = node.allowed or node.text.choices | join(', ') -%}
        {% do return([path ~ ': ' ~ shown ~ ' is not allowed; allowed: ' ~ words ~ '.']) %}
    {%- endif -%}
    {%- set lines = [] -%}
    {%- for item in (value if kind == 'list' else []) -%}
        {%- do lines.extend(attrition.setting_problems(path, item, form.item)) -%}
    {%- endfor -%}
    {%- if kind != 'mapping' -%}
        {% do return(lines) %}
    {%- endif -%}
    {%- set fields = attrition.setting_fields(value, form) -%}
    {%- for key in fields if fields[key].default is undefined and key not in value -%}
        {%- do lines.append(path ~ '.' ~ key ~ ' is missing.') -%}
    {%- endfor -%}
    {%- for key, item in value.items() -%}
        {%- set place = path ~ '.' ~ key -%}
        {%- if key in fields -%}
            {%- do lines.extend(attrition.setting_problems(place, item, fields[key])) -%}
        {%- else -%}
            {%- do lines.append(place ~ ' is none of: ' ~ fields | join(', ') ~ '.') -%}
        {%- endif -%}
    {%- endfor -%}
    {% do return(lines) %}
{% endmacro %}
