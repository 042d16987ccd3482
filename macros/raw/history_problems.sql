{% macro history_problems(history) %}
    {#- Lines about months outside the sales and a horizon longer than them. -#}
    {%- if not history -%}
        {#- Nothing was sold, or so early that no bucket is left. -#}
        {% do return([]) %}
    {%- endif -%}
    {%- set start_month = attrition.setting('start_month') -%}
    {%- set max_month = attrition.setting('max_month') -%}
    {%- set reach = 'the accepted sales reach from ' ~ history.first_day ~ ' to '
        ~ history.last_day -%}
    {%- set first = history.first_bucket | int -%}
    {%- set newest = history.newest_bucket | int -%}
    {%- set start = history.start_bucket | int -%}
    {%- if max_month and newest <= first -%}
        {% do return([
            'max_month: "' ~ max_month ~ '" leaves no snapshot: ' ~ reach
            ~ '; allowed: ' ~ (history.first_snapshot | string)[:7] ~ ' or later.'
        ]) %}
    {%- elif start_month and start > newest -%}
        {% do return([
            'start_month: "' ~ start_month ~ '" leaves no snapshot: ' ~ reach
            ~ '; allowed: ' ~ (history.newest_snapshot | string)[:7] ~ ' or earlier.'
        ]) %}
    {%- endif -%}
    {%- set buckets = newest - [first, start] | max -%}
    {%- set longest = newest - [first + 1, start] | max -%}
    {%- set horizon = attrition.setting('attrition_horizon') -%}
    {%- if horizon <= buckets or attrition.setting('retrain') == 'never' -%}
        {% do return([]) %}
    {%- endif -%}
    {%- set bounds = ['start_month'] if start_month else [] -%}
    {%- set bounds = bounds + (['max_month'] if max_month else []) -%}
    {% do return([
        'attrition_horizon: ' ~ horizon ~ ' is longer than the history: ' ~ reach
        ~ (', of which ' ~ bounds | join(' and ')
            ~ (' leaves ' if bounds | length == 1 else ' leave ') if bounds else ', ')
        ~ attrition.buckets_text(buckets)
        ~ ('; at most ' ~ longest ~ ' would fit.' if longest > 0
            else '; none would fit: ' ~ ('widen the range.' if bounds
                else 'a longer history is needed.'))
    ]) %}
{% endmacro %}
