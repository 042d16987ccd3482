-- how good past forecasts were beside two naive ones; 0 buckets ahead stands for all together
select
    buckets_ahead,
    forecast_count,
    interval_count,
    coverage_80,
    coverage_95,
    cumulative_coverage_80,
    cumulative_mae,
    mae,
    last_mae,
    year_ago_mae,
    is_better_than_naive
from attrition_forecast_summary
where segment = 'all'
order by buckets_ahead
