-- how much each feature moves the scores, in log-odds
select
    feature,
    description,
    importance_rank,
    mean_absolute_contribution,
    contribution_share,
    raised_share,
    usual_number_where_raised,
    usual_number_where_lowered,
    customer_count
from attrition_feature_importance
where importance_rank <= 12
order by importance_rank
