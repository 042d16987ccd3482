{% macro missing_feature(setting_name, name, known, renamed) %}
    {#- A list of one line that says why a feature does not exist, or of none. -#}
    {%- set word = {'drop': 'sensitive', 'impute': 'all'}.get(setting_name) -%}
    {%- if name == word -%}
        {% do return([]) %}
    {%- elif name not in known -%}
        {%- for first, new_name in renamed.items() if new_name == name -%}
            {% do return([
                setting_name ~ ': ' ~ name ~ ' is what rename_cols calls ' ~ first
                ~ '; write ' ~ first ~ '.'
            ]) %}
        {%- endfor -%}
        {%- set words = known.keys() | list + ([word] if word else []) -%}
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
