{% macro nothing_left_problems(features, dropped, known) %}
    {#- Lines about sensitive features that are wanted, and `drop` leaving none. -#}
    {%- set lines = [] -%}
    {%- set named = [] if features is string else features -%}
    {%- set domains = attrition.setting('feature_domains') -%}
    {%- set left = [] -%}
    {%- for name, feature in known.items() -%}
        {%- set is_sensitive = feature.is_sensitive and 'sensitive' in dropped -%}
        {%- if name in named and is_sensitive -%}
            {%- set text = ' is sensitive, and drop holds the word sensitive.' -%}
            {%- do lines.append('features: ' ~ name ~ text) -%}
        {%- elif (features == 'all' or feature.is_core) and name not in dropped
            and not is_sensitive and feature.domain in domains -%}
            {%- do left.append(name) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if features is string and not left -%}
        {%- do lines.append('drop leaves no feature to train on.') -%}
    {%- endif -%}
    {% do return(lines) %}
{% endmacro %}
