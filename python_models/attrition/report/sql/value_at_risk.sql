select
    risk_band,
    count(*) as customer_count,
    sum(value_at_risk) as value_at_risk,
    sum(value_at_risk) / nullif(sum(sum(value_at_risk)) over (), 0) as value_share,
    sum(case when expected_gain > 0 then expected_gain end) as expected_gain,
    min(gain_basis) as gain_basis
from attrition_scores
group by risk_band
order by min(attrition_probability) desc
