{% test rules_hold(model, key=none) %}

{%- set rules = attrition.column_rules() -%}
{%- set counted = rules | rejectattr('name', 'equalto', 'unique') | list -%}
{%- set keys = [key] if key else [] -%}
{%- for rule in rules if rule.name == 'unique' -%}
    {%- do keys.append([rule.column]) -%}
{%- endfor -%}
{%- set parts = [] -%}

{%- for rule in counted -%}
    {%- do parts.append(
        "select '" ~ rule.name ~ "' as rule, '" ~ rule.column ~ "' as column_name, count_"
        ~ loop.index ~ ' as row_count from counted where count_' ~ loop.index ~ ' > 0'
    ) -%}
{%- endfor -%}

{%- for columns in keys -%}
    {%- set listed = columns | join(', ') -%}
    {%- do parts.append(
        "select 'unique' as rule, '" ~ listed ~ "' as column_name, count(*) as row_count from ("
        ~ 'select ' ~ listed ~ ' from ' ~ model
        ~ (' where ' ~ listed ~ ' is not null' if columns | length == 1 else '')
        ~ ' group by ' ~ listed ~ ' having count(*) > 1) as repeated having count(*) > 0'
    ) -%}
{%- endfor -%}

{%- if execute and not parts -%}
    {%- do exceptions.raise_compiler_error('rules_hold: ' ~ model ~ ' has neither rules nor a key') -%}
{%- endif %}
with counted as (
    select
        count(*) as count_0
        {%- for rule in counted %}
        , count(case when {{ rule.broken }} then 1 end) as count_{{ loop.index }}
        {%- endfor %}
    from {{ model }}
)

{{ parts | join('\nunion all\n') }}

{% endtest %}
