with accuracy as (

    select * from {{ ref('attrition_forecast_accuracy') }}

),

-- every number of buckets ahead, and, as 0, all together
counted as (

    select
        accuracy.*,
        accuracy.buckets_ahead as ahead
    from accuracy

    union all

    select
        accuracy.*,
        0 as ahead
    from accuracy

),

errors as (

    select
        segment,
        segment_value,
        ahead,
        is_within_80,
        is_within_95,
        is_value_within_80,
        is_cumulative_within_80,
        is_cumulative_within_95,
        expected_cumulative_attrition_count - cumulative_attrition_count as cumulative_error,
        expected_attrition_count - attrition_count as error,
        last_attrition_count - attrition_count as last_error,
        year_ago_attrition_count - attrition_count as year_ago_error,
        expected_value_lost - value_lost as value_error
    from counted

),

measured as (

    select
        segment,
        segment_value,
        ahead,
        count(*) as forecast_count,
        count(is_within_80) as interval_count,
        {%- for name, column in {
            'coverage_80': 'is_within_80',
            'coverage_95': 'is_within_95',
            'value_coverage_80': 'is_value_within_80',
            'cumulative_coverage_80': 'is_cumulative_within_80',
            'cumulative_coverage_95': 'is_cumulative_within_95',
        }.items() %}
        {{ attrition.ratio('count(case when ' ~ column ~ ' then 1 end)', 'count(' ~ column ~ ')') }}
            as {{ name }},
        {%- endfor %}
        {{ attrition.ratio(attrition.exact_sum('error'), 'count(*)') }} as mean_error,
        {{ attrition.ratio(attrition.exact_sum('abs(error)'), 'count(*)') }} as mae,
        sqrt({{ attrition.ratio(attrition.exact_sum('power(error, 2)'), 'count(*)') }}) as rmse,
        {%- for name in ['last', 'year_ago'] %}
        count({{ name }}_error) as {{ name }}_count,
        {{ attrition.ratio(
            attrition.exact_sum('abs(' ~ name ~ '_error)'), 'count(' ~ name ~ '_error)'
        ) }} as {{ name }}_mae,
        {{ attrition.ratio(
            attrition.exact_sum('case when ' ~ name ~ '_error is not null then abs(error) end'),
            'count(' ~ name ~ '_error)'
        ) }} as mae_beside_{{ name }},
        {%- endfor %}
        {{ attrition.ratio(attrition.exact_sum('abs(value_error)'), 'count(value_error)') }}
            as value_mae,
        {{ attrition.ratio(attrition.exact_sum('abs(cumulative_error)'), 'count(cumulative_error)') }}
            as cumulative_mae
    from errors
    group by segment, segment_value, ahead

),

final as (

    select
        segment,
        segment_value,
        ahead as buckets_ahead,
        cast(forecast_count as bigint) as forecast_count,
        cast(interval_count as bigint) as interval_count,
        coverage_80,
        coverage_95,
        mean_error,
        mae,
        rmse,
        last_mae,
        mae_beside_last,
        year_ago_mae,
        mae_beside_year_ago,
        mae_beside_last < last_mae
        and coalesce(mae_beside_year_ago < year_ago_mae, true) as is_better_than_naive,
        value_mae,
        value_coverage_80,
        cumulative_mae,
        cumulative_coverage_80,
        cumulative_coverage_95
    from measured

)

select * from final
