select
    customer_id,
    attrition_probability,
    risk_rank,
    value_at_risk,
    expected_gain,
    gain_basis,
    probability_change,
    is_new_on_list,
    reason_1_text,
    reason_2_text,
    reason_3_text
from attrition_scores
order by risk_rank
limit 10
