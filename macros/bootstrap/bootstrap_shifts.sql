{% macro bootstrap_shifts(replicates, group_columns, measures) -%}
    {#- What is measured on bins is a little off, so replicates are held against the
        same bins undrawn, and the difference is added to the exact measure later. -#}
    {%- set groups = group_columns | join(', ') -%}
    select
        {{ groups }}
        {%- for measure in measures %}
        {%- for end, share in {'lower': 0.025, 'upper': 0.975}.items() %},
        percentile_cont({{ share }}) within group (
            order by case when replicate > 0 then {{ measure }} end
        ) - max(case when replicate = 0 then {{ measure }} end)
            as {{ measure }}_{{ end }}
        {%- endfor %}
        {%- endfor %}
    from {{ replicates }}
    group by {{ groups }}
{%- endmacro %}
