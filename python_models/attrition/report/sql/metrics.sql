-- the version beside simple rules and a logistic regression, on the same test rows
with results as (
    select
        'model' as system,
        row_count,
        attrition_count,
        attrition_share,
        mean_probability,
        roc_auc,
        roc_auc_lower,
        roc_auc_upper,
        average_precision,
        log_loss,
        brier_score,
        ece,
        accuracy,
        f1,
        precision,
        recall,
        lift_top_decile,
        newest_label_date
    from attrition_model_metrics
    where version_id = '$version' and split = 'test'

    union all

    select
        baseline as system,
        row_count,
        attrition_count,
        attrition_share,
        mean_probability,
        roc_auc,
        roc_auc_lower,
        roc_auc_upper,
        average_precision,
        log_loss,
        brier_score,
        ece,
        accuracy,
        f1,
        precision,
        recall,
        lift_top_decile,
        newest_label_date
    from attrition_baselines
    where version_id = '$version' and split = 'test'
)

select *
from results
qualify newest_label_date = max(newest_label_date) over ()
order by roc_auc desc
