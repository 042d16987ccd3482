{% macro missing_feature(setting_name, name, known) %}
    {#- One line in a list that says why a named feature does not exist, or an empty list. -#}
    {%- if name not in known -%}
        {%- set words = known.keys() | list -%}
        {%- if setting_name == 'drop' -%}{%- do words.append('sensitive') -%}{%- endif -%}
        {%- set near = attrition.nearest_name(name, words) -%}
        {% do return([
            setting_name ~ ': ' ~ name
            ~ ' is not a feature; seeds/attrition_feature_definitions.csv lists them.'
            ~ (' Did you mean ' ~ near ~ '?' if near else '')
        ]) %}
    {%- elif known[name].domain not in attrition.setting('feature_domains') -%}
        {% do return([
            setting_name ~ ': ' ~ name ~ ' belongs to ' ~ known[name].domain
            ~ ', which is not in feature_domains.'
        ]) %}
    {%- endif -%}
    {% do return([]) %}
{% endmacro %}
