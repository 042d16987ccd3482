{% macro binned_metrics(relation, group_columns) -%}
    {#- One pass over the rows: all is summed per probability bin, then over the bins. -#}
    {%- set groups = group_columns | join(', ') -%}
    {%- set squared_error = 'power(probability - is_attrition, 2)' -%}
    with bins as (

        select
            {{ groups }},
            {{ attrition.probability_bin('probability') }} as bin,
            count(*) as row_count,
            sum(is_attrition) as attrition_count,
            sum(decision) as flagged_count,
            sum(is_attrition * decision) as hit_count,
            {{ attrition.exact_sum('probability') }} as probability_sum,
            {{ attrition.exact_sum(squared_error) }} as squared_error_sum,
            {{ attrition.exact_sum(attrition.row_log_loss()) }} as log_loss_sum
        from {{ relation }}
        group by {{ groups }}, {{ attrition.probability_bin('probability') }}

    )

    select
        {{ groups }}
        {%- for measure in [
            'row_count', 'attrition_count', 'flagged_count', 'hit_count',
            'probability_sum', 'squared_error_sum', 'log_loss_sum',
        ] %},
        sum({{ measure }}) as {{ measure }}
        {%- endfor %},
        sum(abs(probability_sum - attrition_count)) as calibration_gap_sum
    from bins
    group by {{ groups }}
{%- endmacro %}
