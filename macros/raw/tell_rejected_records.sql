{% macro tell_rejected_records(relation) %}
    {#- A warning by itself says how many records; this says how many of which rule. -#}
    {%- if execute and flags.WHICH in ('build', 'test') -%}
        {%- set counts = run_query(
            "select table_name, rule, count(*) as record_count from " ~ relation
            ~ " group by table_name, rule order by record_count desc, table_name, rule"
        ) -%}
        {%- for row in counts.rows -%}
            {%- do log(
                "Rejected: " ~ row[2] ~ " record" ~ ("" if row[2] == 1 else "s") ~ " of "
                ~ row[0] ~ ", " ~ row[1],
                true
            ) -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}
