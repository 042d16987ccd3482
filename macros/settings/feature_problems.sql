{% macro feature_problems(wrong) %}
    {#- Lines about names of features in the settings: unknown, off, clashing. -#}
    {%- set lines = [] -%}
    {%- set features = [] if 'features' in wrong else attrition.setting('features') -%}
    {%- set named = [] if features is string else features -%}
    {%- set dropped = [] if 'drop' in wrong else attrition.setting('drop') -%}
    {%- set dummies = [] if 'dummy_cols' in wrong
        else attrition.setting('dummy_cols') -%}
    {%- set renamed = {} if 'rename_cols' in wrong
        else attrition.setting('rename_cols') -%}
    {%- set imputed = {} if 'impute' in wrong else attrition.setting('impute') -%}
    {%- for name in named if name in dropped -%}
        {%- do lines.append('features: ' ~ name ~ ' is in drop too;'
            ~ ' take it out of one.') -%}
    {%- endfor -%}
    {%- do lines.extend(attrition.taken_name_problems(renamed)) -%}
    {%- set needed = ['lookback_windows', 'time_grain', 'feature_domains'] -%}
    {%- if needed | select('in', wrong) | list -%}
        {% do return(lines) %}
    {%- endif -%}
    {%- set known = attrition.existing_features() -%}
    {%- set places = {
        'features': named,
        'drop': dropped,
        'dummy_cols': [] if dummies is string else dummies,
        'rename_cols': renamed,
        'impute': imputed,
    } -%}
    {%- for setting_name, names in places.items() -%}
        {%- for name in names -%}
            {%- do lines.extend(
                attrition.missing_feature(setting_name, name, known, renamed)
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do lines.extend(attrition.renamed_to_feature_problems(renamed, known)) -%}
    {%- do lines.extend(attrition.imputed_category_problems(imputed, known)) -%}
    {% do return(lines + attrition.nothing_left_problems(features, dropped, known)) %}
{% endmacro %}
