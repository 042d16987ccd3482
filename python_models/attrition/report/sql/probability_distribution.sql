-- customers by probability, in steps of 5 %
select
    least(floor(attrition_probability * 20), 19) / 20 as probability_from,
    least(floor(attrition_probability * 20), 19) / 20 + 0.05 as probability_to,
    is_predicted_attrition,
    count(*) as customer_count
from attrition_scores
group by probability_from, probability_to, is_predicted_attrition
order by probability_from, is_predicted_attrition
