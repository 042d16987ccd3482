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
        {{ attrition.deciding_metrics().keys() | join(',\n        ') }}
    from rankings
    inner join losses using ({{ draws }})
{%- endmacro %}
