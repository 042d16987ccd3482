{% macro settings_conflicts(wrong) %}
    {#- Lines about settings that are allowed one by one and make no sense together;
        nothing is said about settings that are `wrong` by themselves. -#}
    {%- set lines = [] -%}
    {%- if 'feature_domains' not in wrong and 'sales' not in attrition.setting('feature_domains') -%}
        {%- do lines.append('feature_domains: sales is required and is not in the list.') -%}
    {%- endif -%}
    {%- if 'start_month' not in wrong and 'max_month' not in wrong -%}
        {%- set start, end = attrition.setting('start_month'), attrition.setting('max_month') -%}
        {%- if start and end and start > end -%}
            {%- do lines.append(
                'start_month: "' ~ start ~ '" is after max_month "' ~ end
                ~ '"; swap them or widen the range.'
            ) -%}
        {%- endif -%}
    {%- endif -%}
    {%- if 'raw_data' not in wrong and 'raw_location' not in wrong and target.type == 'duckdb' -%}
        {%- if attrition.setting('raw_data') == 'source' and not attrition.setting('raw_location') -%}
            {%- do lines.append(
                'raw_location is missing: raw_data source reads <raw_location>/sales.parquet '
                ~ 'or .csv; set raw_location to a folder or an s3:// address.'
            ) -%}
        {%- endif -%}
    {%- endif -%}
    {%- if 'raw_columns' not in wrong -%}
        {%- do lines.extend(attrition.raw_columns_problems()) -%}
    {%- endif -%}
    {%- do lines.extend(attrition.feature_problems(wrong)) -%}
    {% do return(lines) %}
{% endmacro %}
