{% macro setting(name) %}
    {#- One setting; a mapping that names some keys gets the others' defaults. -#}
    {%- set node = attrition.settings_schema().get(name) -%}
    {%- if node is none -%}
        {%- do exceptions.raise_compiler_error(name ~ " is not a setting.") -%}
    {%- endif -%}
    {%- set value = var(name, none) -%}
    {%- if attrition.is_unset(value, node) -%}
        {% do return(attrition.setting_default(node)) %}
    {%- elif value == node.default and value is not boolean -%}
        {% do return(node.default) %}
    {%- elif attrition.setting_problems(name, value, node) -%}
        {#- Models are parsed long before on-run-start: say all of it here. -#}
        {%- do attrition.check_settings() -%}
    {%- elif value is not mapping or 'item' in node.mapping -%}
        {% do return(value) %}
    {%- endif -%}
    {%- set fields = attrition.setting_fields(value, node.mapping) -%}
    {%- set merged = {} -%}
    {%- for key, field in fields.items() if field.default is defined -%}
        {%- if field.default is not none -%}
            {%- do merged.update({key: field.default}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for key, given in value.items() if given is not none -%}
        {%- set is_range = given is mapping and 'range' in fields[key].mapping -%}
        {%- set whole = dict({'log': false}, **given) if is_range else given -%}
        {%- do merged.update({key: whole}) -%}
    {%- endfor -%}
    {% do return(merged) %}
{% endmacro %}
