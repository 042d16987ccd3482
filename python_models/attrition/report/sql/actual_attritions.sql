select
    as_of_date as bucket_starts_on,
    bucket_attrition_count
from attrition_rate
where segment = 'all' and bucket_attrition_count is not null
order by as_of_date
