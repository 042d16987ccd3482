select
    count(*) as customer_count,
    max(as_of_date) as as_of_date,
    sum(attrition_probability) as expected_attritions,
    avg(attrition_probability) as expected_share,
    sum(case when is_predicted_attrition then 1 else 0 end) as flagged_count,
    avg(case when is_predicted_attrition then 1.0 else 0.0 end) as flagged_share,
    min(case when is_predicted_attrition then attrition_probability end) as lowest_flagged
from attrition_scores
