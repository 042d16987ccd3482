{% macro binary_metrics(relation, group_columns) -%}
    {#- Nobody flagged, or nobody who left, means zero for the metrics at the decision,
        as scikit-learn has it. -#}
    {%- set groups = group_columns | join(', ') -%}
    {%- set miss_count = 'flagged_count + attrition_count - 2 * hit_count' -%}
    with sums as (

        {{ attrition.binned_metrics(relation, group_columns) }}

    ),

    ranking as (

        {{ attrition.ranking_metrics(
            attrition.cumulative_thresholds(relation, group_columns), group_columns
        ) }}

    )

    select
        {{ groups }},
        cast(row_count as bigint) as row_count,
        cast(attrition_count as bigint) as attrition_count,
        {{ attrition.ratio('attrition_count', 'row_count') }} as attrition_share,
        {{ attrition.ratio('probability_sum', 'row_count') }} as mean_probability,
        roc_auc,
        average_precision,
        {{ attrition.ratio('log_loss_sum', 'row_count') }} as log_loss,
        {{ attrition.ratio('squared_error_sum', 'row_count') }} as brier_score,
        {{ attrition.ratio('calibration_gap_sum', 'row_count') }} as ece,
        1 - {{ attrition.ratio(miss_count, 'row_count') }} as accuracy,
        coalesce(
            {{ attrition.ratio('2 * hit_count', 'flagged_count + attrition_count') }}, 0
        ) as f1,
        coalesce({{ attrition.ratio('hit_count', 'flagged_count') }}, 0) as precision,
        coalesce({{ attrition.ratio('hit_count', 'attrition_count') }}, 0) as recall,
        lift_top_decile
    from sums
    inner join ranking using ({{ groups }})
{%- endmacro %}
