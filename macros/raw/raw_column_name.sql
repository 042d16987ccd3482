{% macro raw_column_name(table, column, available) %}
    {#- The spelling under which the raw table holds a contract column, or none; none too where
        the mapping says so. -#}
    {%- set mapping = (attrition.setting('raw_columns') or {}).get(table) or {} -%}
    {%- set wanted = mapping.get(column, column) -%}
    {%- if wanted is none -%}
        {% do return(none) %}
    {%- endif -%}
    {%- set found = available | select('equalto', wanted) | list -%}
    {%- if not found -%}
        {%- for name in available if name | lower == wanted | lower -%}
            {%- do found.append(name) -%}
        {%- endfor -%}
    {%- endif -%}
    {% do return(found[0] if found else none) %}
{% endmacro %}
