{% macro missing_feature(setting_name, name, known) %}
    {#- A list of one line that says why a feature does not exist, or of none. -#}
    {%- if name not in known -%}
        {%- set words = known.keys() | list -%}
        {%- if setting_name == 'drop' -%}
            {%- do words.append('sensitive') -%}
        {%- endif -%}
        {% do return([
            setting_name ~ ': ' ~ name
            ~ ' is not a feature; seeds/attrition_feature_definitions.csv lists them.'
            ~ attrition.did_you_mean(name, words)
        ]) %}
    {%- elif known[name].domain not in attrition.setting('feature_domains') -%}
        {% do return([
            setting_name ~ ': ' ~ name ~ ' belongs to ' ~ known[name].domain
            ~ ', which is not in feature_domains.'
        ]) %}
    {%- endif -%}
    {% do return([]) %}
{% endmacro %}
