{% macro engine_problems() %}
    {#- A line where the engine is not the warehouse's, or lacks its compute pool. -#}
    {%- set engine = attrition.setting('engine') -%}
    {%- set allowed = attrition.training_engines() -%}
    {%- if engine not in allowed -%}
        {% do return([
            'engine: "' ~ engine ~ '" is not allowed on this warehouse; allowed: '
            ~ allowed | join(', ') ~ '.'
        ]) %}
    {%- elif engine == 'snowflake_ml_job' and not attrition.setting('compute_pool') -%}
        {% do return([
            'compute_pool is missing: engine snowflake_ml_job trains on a compute pool; '
            ~ 'set compute_pool to its name.'
        ]) %}
    {%- endif -%}
    {% do return([]) %}
{% endmacro %}
