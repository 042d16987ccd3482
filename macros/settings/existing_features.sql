{% macro existing_features() %}
    {#- {feature: domain, is_core, is_sensitive, data_type, monotone_direction} of all
        domains, on or off. -#}
    {%- set known = {} -%}
    {%- set definitions = attrition.feature_definitions() -%}
    {%- for name, domain, windows, is_core, is_sensitive, data_type, direction
        in definitions -%}
        {%- set facts = {
            'domain': domain,
            'is_core': is_core,
            'is_sensitive': is_sensitive,
            'data_type': data_type,
            'monotone_direction': direction,
        } -%}
        {%- if windows == 'lookback' -%}
            {%- set buckets = attrition.setting('lookback_windows') -%}
        {%- elif windows -%}
            {%- set buckets = [attrition.buckets_in_months(windows | int)] -%}
        {%- else -%}
            {%- set buckets = [] -%}
            {%- do known.update({name: facts}) -%}
        {%- endif -%}
        {%- for bucket in buckets -%}
            {%- set suffix = attrition.window_suffix(bucket) -%}
            {%- do known.update({name.replace('{window}', suffix): facts}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {% do return(known) %}
{% endmacro %}
