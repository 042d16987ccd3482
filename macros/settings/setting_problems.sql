{% macro setting_problems(path, value, node) %}
    {#- Lines that say what is wrong with a value; its node says what is allowed. -#}
    {%- set kind = node.type -%}
    {%- set is_list = value is sequence and value is not string
        and value is not mapping -%}
    {%- set may_be_unset = '.' not in path or node.get('nullable') -%}
    {%- if may_be_unset and attrition.is_unset(value, node) -%}
        {% do return([]) %}
    {%- elif kind == 'choice_or_list' and is_list -%}
        {% do return(attrition.setting_problems(path, value, node.list)) %}
    {%- elif kind == 'range' and value is mapping -%}
        {% do return(attrition.setting_range_problems(path, value, node)) %}
    {%- elif kind == 'range' -%}
        {% do return(attrition.setting_problems(path, value, node.number)) %}
    {%- elif kind in ('modes', 'fields') and value is mapping -%}
        {% do return(attrition.setting_key_problems(path, value, node)) %}
    {%- elif kind == 'mapping' and value is mapping -%}
        {%- set lines = [] -%}
        {%- for key, item in value.items() -%}
            {%- if key is not string -%}
                {%- do lines.append(attrition.setting_not_allowed(path, key, node)) -%}
            {%- endif -%}
            {%- do lines.extend(
                attrition.setting_problems(path ~ '.' ~ key, item, node.item)
            ) -%}
        {%- endfor -%}
        {% do return(lines) %}
    {%- elif kind == 'list' and is_list -%}
        {% do return(attrition.setting_list_problems(path, value, node)) %}
    {%- elif kind == 'choice_or_list' and value is string and value in node.choices -%}
        {% do return([]) %}
    {%- elif kind in ('text', 'integer', 'number', 'boolean') -%}
        {%- if attrition.setting_fits(value, node) -%}
            {% do return([]) %}
        {%- endif -%}
    {%- endif -%}
    {% do return([attrition.setting_not_allowed(path, value, node)]) %}
{% endmacro %}
