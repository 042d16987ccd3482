{% macro setting_list_problems(path, value, node) %}
    {#- Lines about a list: too short, a wrong item, an item that is repeated. -#}
    {%- set lines = [] -%}
    {%- if value | length < node.min_items -%}
        {%- do lines.append(attrition.setting_not_allowed(path, value, node)) -%}
    {%- endif -%}
    {%- for item in value -%}
        {%- if not attrition.setting_fits(item, node.item) -%}
            {%- do lines.append(
                attrition.setting_not_allowed(path, item, node.item)
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not lines and node.unique -%}
        {%- for item in value -%}
            {%- if item in value[:loop.index0] -%}
                {%- do lines.append(
                    path ~ ': ' ~ attrition.setting_shown(item) ~ ' stands there twice.'
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {% do return(lines) %}
{% endmacro %}
