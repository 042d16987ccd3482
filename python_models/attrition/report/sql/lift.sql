select
    decile,
    row_count,
    attrition_count,
    attrition_rate,
    lift,
    cumulative_attrition_share,
    mean_probability
from attrition_lift
where version_id = '$version' and split = 'test'
qualify newest_label_date = max(newest_label_date) over ()
order by decile
