{% macro imputed_category_problems(imputed, known) %}
    {#- Lines about categories that would get a number. -#}
    {%- set lines = [] -%}
    {%- for name, method in imputed.items() if method != 'most_frequent' -%}
        {%- if known.get(name, {}).get('data_type') == 'category' -%}
            {%- do lines.append(
                'impute.' ~ name ~ ': ' ~ attrition.setting_shown(method)
                ~ ' is not allowed for a category; allowed: most_frequent.'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {% do return(lines) %}
{% endmacro %}
