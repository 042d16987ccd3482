{% macro segment_names() %}
    {#- Columns that customers are told apart by; what comes from demographics needs them. -#}
    {%- set traits = ['region', 'payer_type']
        if 'demographics' in attrition.setting('feature_domains') else [] -%}
    {% do return(['tenure_band', 'value_band'] + traits) %}
{% endmacro %}
