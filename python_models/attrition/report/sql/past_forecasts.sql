-- what was forecast one bucket ahead, and what came
select
    bucket_starts_on,
    expected_attrition_count,
    attrition_count_lower_80,
    attrition_count_upper_80,
    attrition_count,
    is_within_80
from attrition_forecast_accuracy
where segment = 'all' and buckets_ahead = 1 and attrition_count is not null
order by bucket_starts_on
