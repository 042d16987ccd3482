select
    scenario,
    point,
    threshold,
    contacted_count,
    contacted_attrition_count,
    cost_of_contact,
    value_of_customer,
    success_rate,
    expected_profit,
    is_decision_threshold,
    is_best
from attrition_profit_curve
where version_id = '$version'
qualify newest_label_date = max(newest_label_date) over ()
order by scenario, contacted_count
