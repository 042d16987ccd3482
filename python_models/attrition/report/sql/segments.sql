select
    segment,
    segment_value,
    row_count,
    attrition_count,
    attrition_share,
    mean_probability,
    roc_auc,
    roc_auc_lower,
    roc_auc_upper
from attrition_segment_metrics
where version_id = '$version'
qualify newest_label_date = max(newest_label_date) over ()
order by segment, segment_value
