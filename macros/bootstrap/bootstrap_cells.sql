{% macro bootstrap_cells(relation, group_columns) -%}
    {#- Customers are drawn in clusters and ranked in 200 bins of equally many rows, so
        that the cost of drawing does not grow with the data: 4,096 clusters, and 256 of
        more than 50,000 rows, whose intervals are no different and take a fifth of it. -#}
    {%- set groups = group_columns | join(', ') -%}
    {%- set squared_error = 'power(probability - is_attrition, 2)' -%}
    {%- set cell = groups ~ ', cluster_hash, bin' -%}
    with placed as (

        select
            {{ groups }},
            is_attrition,
            probability,
            substring({{ attrition.hash_text('customer_id', 'bootstrap') }}, 1, 3)
                as cluster_hash,
            200 * (
                rank() over (partition by {{ groups }} order by probability desc) - 1
            ) as rows_above,
            count(*) over (partition by {{ groups }}) as all_rows
        from {{ relation }}

    ),

    binned as (

        select
            * exclude (cluster_hash),
            case
                when all_rows > 50000 then substring(cluster_hash, 1, 2)
                else cluster_hash
            end as cluster_hash,
            -- a tie stays in one bin
            floor({{ attrition.ratio('rows_above', 'all_rows') }}) as bin
        from placed

    )

    select
        {{ cell }},
        count(*) as row_count,
        sum(is_attrition) as attrition_count,
        {{ attrition.exact_sum(attrition.row_log_loss()) }} as log_loss_sum,
        {{ attrition.exact_sum(squared_error) }} as squared_error_sum
    from binned
    group by {{ cell }}
{%- endmacro %}
