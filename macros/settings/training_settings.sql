{% macro training_settings() %}
    {#- Every setting that can change a model version. Where the data lies, what scores
        and when to train cannot; neither can which compute pool trains. -#}
    {%- set others = [
        'raw_location', 'retrain', 'champion_version', 'promotion', 'version_label',
        'shadow_versions', 'backtest_quarters', 'compute_pool',
    ] -%}
    {% do return(attrition.settings().keys() | reject('in', others) | sort | list) %}
{% endmacro %}
