{% macro existing_features() %}
    {#- {feature: domain, data_type, monotone_direction, told_as, compared_with} of all domains,
        on or off. -#}
    {%- set known = {} -%}
    {%- set suffixes = {
        '': [''],
        'lookback': [],
    } -%}
    {%- for buckets in attrition.setting('lookback_windows') -%}
        {%- do suffixes.lookback.append(attrition.window_suffix(buckets)) -%}
    {%- endfor -%}
    {%- for row in attrition.feature_definitions() -%}
        {%- set name, domain, windows, data_type, direction, told_as, compared_with = row -%}
        {%- if windows not in suffixes -%}
            {%- set buckets = attrition.buckets_in_months(windows | int) -%}
            {%- do suffixes.update({windows: [attrition.window_suffix(buckets)]}) -%}
        {%- endif -%}
        {%- for suffix in suffixes[windows] -%}
            {%- do known.update({name.replace('{window}', suffix): {
                'domain': domain,
                'data_type': data_type,
                'monotone_direction': direction,
                'told_as': told_as,
                'compared_with': compared_with,
            }}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {% do return(known) %}
{% endmacro %}
