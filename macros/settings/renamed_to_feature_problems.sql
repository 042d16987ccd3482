{% macro renamed_to_feature_problems(renamed, known) %}
    {#- Lines about new names that other features have. -#}
    {%- set lines = [] -%}
    {%- for name, new_name in renamed.items()
        if new_name in known and new_name != name -%}
        {%- do lines.append(
            'rename_cols.' ~ name ~ ': ' ~ attrition.setting_shown(new_name)
            ~ ' is another feature; choose another name.'
        ) -%}
    {%- endfor -%}
    {% do return(lines) %}
{% endmacro %}
