select
    as_of_date,
    buckets_ahead,
    bucket_starts_on,
    customer_count,
    expected_attrition_count,
    attrition_count_lower_80,
    attrition_count_upper_80,
    attrition_count_lower_95,
    attrition_count_upper_95,
    expected_value_lost,
    expected_cumulative_attrition_count,
    cumulative_attrition_count_lower_80,
    cumulative_attrition_count_upper_80,
    sum(expected_value_lost) over () as value_lost,
    reason
from attrition_forecast
where segment = 'all'
order by buckets_ahead
