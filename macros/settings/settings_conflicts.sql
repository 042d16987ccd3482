{% macro settings_conflicts(wrong) %}
    {#- Lines about settings that are allowed one by one and make no sense together;
        nothing is said about settings that are `wrong` by themselves. -#}
    {%- set lines = [] -%}
    {%- set right = attrition.settings_schema().keys() | reject('in', wrong) | list -%}
    {%- if 'feature_domains' in right -%}
        {%- if 'sales' not in attrition.setting('feature_domains') -%}
            {%- do lines.append(
                'feature_domains: sales is required and is not in the list.'
            ) -%}
        {%- endif -%}
    {%- endif -%}
    {%- if 'start_month' in right and 'max_month' in right -%}
        {%- set start = attrition.setting('start_month') -%}
        {%- set end = attrition.setting('max_month') -%}
        {%- if start and end and start > end -%}
            {%- do lines.append(
                'start_month: "' ~ start ~ '" is after max_month "' ~ end
                ~ '"; swap them or widen the range.'
            ) -%}
        {%- endif -%}
    {%- endif -%}
    {%- if 'raw_data' in right and 'raw_location' in right -%}
        {%- do lines.extend(attrition.raw_location_problems()) -%}
    {%- endif -%}
    {%- if 'engine' in right and 'compute_pool' in right -%}
        {%- do lines.extend(attrition.engine_problems()) -%}
    {%- endif -%}
    {%- if 'raw_columns' in right -%}
        {%- do lines.extend(attrition.raw_columns_problems()) -%}
    {%- endif -%}
    {%- do lines.extend(attrition.feature_problems(wrong)) -%}
    {%- if 'threshold' in right -%}
        {%- do lines.extend(attrition.money_problems()) -%}
    {%- endif -%}
    {%- if 'champion_version' in right and 'shadow_versions' in right -%}
        {%- do lines.extend(attrition.pinned_version_problems()) -%}
    {%- endif -%}
    {% do return(lines) %}
{% endmacro %}
