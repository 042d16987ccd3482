{% macro metrics_with_intervals(relation, group_columns, drawn_relation) -%}
    {%- set drawn = attrition.deciding_metrics().keys() -%}
    with measured as (

        {{ attrition.binary_metrics(relation, group_columns) }}

    ),

    replicates as (

        {{ attrition.bootstrap_replicates(drawn_relation, group_columns) }}

    ),

    shifts as (

        {{ attrition.bootstrap_shifts('replicates', group_columns, drawn) }}

    )

    select
        measured.*
        {%- for metric in drawn %}
        {%- for end in ['lower', 'upper'] %},
        {%- set moved = 'measured.' ~ metric ~ ' + shifts.' ~ metric ~ '_' ~ end %}
        {#- only the log loss can be above 1 #}
        {%- set most = moved if metric == 'log_loss' else 'least(1, ' ~ moved ~ ')' %}
        case
            when {{ moved }} is not null then greatest(0, {{ most }})
        end as {{ metric }}_{{ end }}
        {%- endfor %}
        {%- endfor %}
    from measured
    left join shifts
        on
            {%- for column in group_columns %}
            {{ 'and ' if not loop.first }}measured.{{ column }} = shifts.{{ column }}
            {%- endfor %}
{%- endmacro %}
