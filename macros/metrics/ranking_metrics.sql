{% macro ranking_metrics(cumulated, group_columns) -%}
    {%- set groups = group_columns | join(', ') -%}
    {%- set top_attritions = attrition.exact_sum('top_attritions') -%}
    {%- set top_rate = attrition.ratio(top_attritions, 'max(top_rows)') -%}
    {%- set rate = attrition.ratio('max(all_attritions)', 'max(all_rows)') -%}
    {%- set gain = attrition.exact_sum('precision_gain') -%}
    {%- set pairs = '2 * max(all_attritions * (all_rows - all_attritions))' -%}
    with weighed as (

        select
            {{ groups }},
            all_rows,
            all_attritions,
            ceil(all_rows / 10.0) as top_rows,
            -- pairs of one who left and one who stayed; a tie is half a right order
            attrition_count * (
                2 * (all_rows - all_attritions - rows_so_far + attritions_so_far)
                + row_count - attrition_count
            ) as half_pairs,
            {{ attrition.ratio('attrition_count * attritions_so_far', 'rows_so_far') }}
                as precision_gain,
            -- a tie across the border of the top tenth counts with its average rate
            {{ attrition.ratio('attrition_count', 'row_count') }} * greatest(
                0, least(row_count, ceil(all_rows / 10.0) - rows_so_far + row_count)
            ) as top_attritions
        from (
            {{ cumulated }}
        ) as cumulated

    )

    select
        {{ groups }},
        {{ attrition.ratio('sum(half_pairs)', pairs) }} as roc_auc,
        {{ attrition.ratio(gain, 'max(all_attritions)') }} as average_precision,
        {{ attrition.ratio(top_rate, rate) }} as lift_top_decile
    from weighed
    group by {{ groups }}
{%- endmacro %}
