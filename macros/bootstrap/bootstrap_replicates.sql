{% macro bootstrap_replicates(relation, group_columns) -%}
    {%- set draws = (group_columns + ['replicate']) | join(', ') -%}
    with cells as (

        {{ attrition.bootstrap_cells(relation, group_columns) }}

    ),

    weights as (

        {{ attrition.bootstrap_weights('cells') }}

    ),

    rankings as (

        {{ attrition.bootstrap_rankings('cells', 'weights', group_columns) }}

    ),

    losses as (

        {{ attrition.bootstrap_losses('cells', 'weights', group_columns) }}

    )

    select
        {{ draws }},
        roc_auc,
        average_precision,
        log_loss,
        brier_score
    from rankings
    inner join losses using ({{ draws }})
{%- endmacro %}
