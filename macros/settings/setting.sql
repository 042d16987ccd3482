{% macro setting(name) %}
    {#- One setting; a mapping that names some keys gets the others' defaults. -#}
    {%- set node = attrition.settings_schema().get(name) -%}
    {%- if node is none -%}
        {%- do exceptions.raise_compiler_error(name ~ " is not a setting.") -%}
    {%- endif -%}
    {%- set value = var(name, none) -%}
    {%- if attrition.is_unset(value, node) -%}
        {% do return(node.default) %}
    {%- elif attrition.setting_problems(name, value, node) -%}
        {#- Models are parsed long before on-run-start: say all of it here. -#}
        {%- do attrition.check_settings() -%}
    {%- elif value is not mapping or node.type not in ('modes', 'fields') -%}
        {% do return(value) %}
    {%- endif -%}
    {%- set merged = {} -%}
    {%- if node.type == 'modes' -%}
        {%- set mode = value.get('mode', node.default.mode) -%}
        {%- do merged.update({'mode': mode}) -%}
        {%- set fields = node.modes.get(mode, {}) -%}
    {%- else -%}
        {%- set fields = node.fields -%}
    {%- endif -%}
    {%- for key, field in fields.items() if field.default is defined -%}
        {%- if field.default is not none -%}
            {%- do merged.update({key: field.default}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for key, given in value.items() if given is not none -%}
        {%- set is_range = given is mapping and fields.get(key, {}).type == 'range' -%}
        {%- set whole = dict({'log': false}, **given) if is_range else given -%}
        {%- do merged.update({key: whole}) -%}
    {%- endfor -%}
    {% do return(merged) %}
{% endmacro %}
