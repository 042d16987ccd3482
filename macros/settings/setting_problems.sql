{% macro setting_problems(path, value, node) %}
    {#- Lines about a type, a range or a key that `settings_schema` does not allow. -#}
    {%- set kind = attrition.kind_of_value(value) -%}
    {%- set form = node.get(kind, node.get('number') if kind == 'integer') -%}
    {%- if value is none and node.optional -%}
        {% do return([]) %}
    {%- elif form is not mapping or not attrition.is_within(value, kind, form) -%}
        {%- set words = node.allowed or node.text.choices | join(', ') -%}
        {% do return([path ~ ': ' ~ attrition.shown_value(value, kind)
            ~ ' is not allowed; allowed: ' ~ words ~ '.']) %}
    {%- endif -%}
    {%- set lines = [] -%}
    {%- if kind == 'list' -%}
        {%- for item in value -%}
            {%- do lines.extend(attrition.setting_problems(path, item, form.item)) -%}
        {%- endfor -%}
        {%- if not lines and value | unique(case_sensitive=true) | list != value -%}
            {%- do lines.append(path ~ ': an item stands there twice.') -%}
        {%- endif -%}
    {%- elif kind == 'mapping' -%}
        {%- do lines.extend(attrition.mapping_problems(path, value, form)) -%}
    {%- endif -%}
    {% do return(lines) %}
{% endmacro %}
