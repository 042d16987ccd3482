{% macro bootstrap_rankings(cells, weights, group_columns) -%}
    {%- set draw = group_columns + ['replicate'] -%}
    {%- set draws = draw | join(', ') -%}
    with drawn as (

        select
            {{ draws }},
            bin,
            sum(weight * row_count) as row_count,
            sum(weight * attrition_count) as attrition_count
        from {{ cells }}
        inner join {{ weights }} using (cluster_hash)
        group by {{ draws }}, bin

    ),

    ranked as (

        {{ attrition.ranking_metrics(
            attrition.cumulative_counts('drawn', draw, 'bin'), draw
        ) }}

    )

    select * from ranked
{%- endmacro %}
