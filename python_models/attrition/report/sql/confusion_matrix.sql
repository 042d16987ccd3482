select
    actual,
    predicted,
    row_count,
    row_share
from attrition_confusion_matrix
where version_id = '$version' and split = 'test'
qualify newest_label_date = max(newest_label_date) over ()
order by actual, predicted
