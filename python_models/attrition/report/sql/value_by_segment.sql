-- what is expected to be lost over the months of the forecast, by segment
select
    segment,
    segment_value,
    sum(expected_value_lost) as expected_value_lost,
    sum(expected_attrition_count) as expected_attrition_count,
    max(customer_count) as customer_count,
    max(buckets_ahead) as bucket_count
from attrition_forecast
where segment <> 'all'
group by segment, segment_value
having sum(expected_value_lost) > 0
order by segment asc, expected_value_lost desc, segment_value asc
