-- who is flagged now and was not at the snapshot before, and the reverse
select
    sum(case when is_predicted_attrition then 1 else 0 end) as flagged_count,
    sum(case when is_new_on_list then 1 else 0 end) as new_count,
    sum(case when has_left_list then 1 else 0 end) as left_count,
    count(is_new_on_list) as compared_count,
    avg(probability_change) as mean_change
from attrition_scores
