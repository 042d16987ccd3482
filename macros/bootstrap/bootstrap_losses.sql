{% macro bootstrap_losses(cells, weights, group_columns) -%}
    {%- set groups = group_columns | join(', ') -%}
    {%- set drawn_rows = 'sum(weight * row_count)' -%}
    {%- set log_loss = 'weight * cast(log_loss_sum as double)' -%}
    {%- set error = 'weight * cast(squared_error_sum as double)' -%}
    with clusters as (

        select
            {{ groups }},
            cluster_hash,
            sum(row_count) as row_count,
            sum(log_loss_sum) as log_loss_sum,
            sum(squared_error_sum) as squared_error_sum
        from {{ cells }}
        group by {{ groups }}, cluster_hash

    )

    select
        {{ groups }},
        replicate,
        {{ attrition.ratio(attrition.exact_sum(log_loss), drawn_rows) }} as log_loss,
        {{ attrition.ratio(attrition.exact_sum(error), drawn_rows) }} as brier_score
    from clusters
    inner join {{ weights }} using (cluster_hash)
    group by {{ groups }}, replicate
{%- endmacro %}
