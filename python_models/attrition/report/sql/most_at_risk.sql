select
    customer_id,
    attrition_probability,
    risk_decile,
    is_predicted_attrition,
    reason_1_text,
    reason_2_text,
    reason_3_text
from attrition_scores
order by attrition_probability desc, customer_id
limit 10
