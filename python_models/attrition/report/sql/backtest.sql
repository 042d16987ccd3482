select
    origin_date,
    last_fit_date,
    row_count,
    attrition_share,
    mean_probability,
    roc_auc
from attrition_backtest
where version_id = '$version'
order by origin_date
