{% macro rejected_table(table) %}
    {#- A sentence where a raw table has records and every one of them breaks a rule. -#}
    {%- set judged = attrition.judged_records(table) -%}
    {%- set accepted = run_query(
        judged ~ ' select 1 as one from judged where own_rule is null limit 1'
    ) -%}
    {%- if accepted.rows | length > 0 -%}
        {% do return([]) %}
    {%- endif -%}
    {%- set rules = run_query(
        judged ~ ' select own_rule, count(*) from judged group by own_rule order by 2 desc, 1'
    ).rows -%}
    {%- if not rules -%}
        {% do return([]) %}
    {%- endif -%}
    {#- One example of each of three rules, or three of the only one. -#}
    {%- set examples = run_query(
        judged ~ ', examples as (select record_json, own_rule, row_number() over ('
        ~ 'partition by own_rule order by record_json) as example from judged)'
        ~ ' select record_json from examples order by example, own_rule limit 3'
    ).columns[0].values() -%}
    {%- set counts = [] -%}
    {%- for row in rules -%}
        {%- do counts.append(row[1] ~ ' by ' ~ row[0]) -%}
    {%- endfor -%}
    {% do return([
        'raw_columns: no record of `' ~ table ~ '` is accepted: ' ~ counts | join(', ')
        ~ '; for example ' ~ examples | join(' and ') ~ '. Correct the records or the mapping.'
    ]) %}
{% endmacro %}
