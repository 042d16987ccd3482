select
    curve,
    point,
    x,
    y,
    threshold,
    row_count
from attrition_model_curves
where version_id = '$version' and split = 'test'
qualify newest_label_date = max(newest_label_date) over ()
order by curve, point
