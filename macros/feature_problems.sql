{% macro feature_problems(wrong) %}
    {#- Lines about names in `features` and `drop`: unknown, switched off, in both. -#}
    {%- set lines = [] -%}
    {%- set features = [] if 'features' in wrong else attrition.setting('features') -%}
    {%- set named = [] if features is string else features -%}
    {%- set dropped = [] if 'drop' in wrong else attrition.setting('drop') -%}
    {%- for name in named if name in dropped -%}
        {%- set text = ' is in drop too; take it out of one.' -%}
        {%- do lines.append('features: ' ~ name ~ text) -%}
    {%- endfor -%}
    {%- set needed = ['lookback_windows', 'time_grain', 'feature_domains'] -%}
    {%- if needed | select('in', wrong) | list -%}
        {% do return(lines) %}
    {%- endif -%}
    {%- set known = attrition.existing_features() -%}
    {%- set domains = attrition.setting('feature_domains') -%}
    {%- for name in named -%}
        {%- do lines.extend(attrition.missing_feature('features', name, known)) -%}
    {%- endfor -%}
    {%- for name in dropped if name != 'sensitive' -%}
        {%- do lines.extend(attrition.missing_feature('drop', name, known)) -%}
    {%- endfor -%}
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
