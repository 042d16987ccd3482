select
    customer_id,
    probability_before,
    attrition_probability,
    expected_gain,
    reason_1_text
from attrition_scores
where is_new_on_list
order by gain_rank
limit 5
