-- how much each feature moves the scores, in log-odds
select
    importance.feature,
    importance.description,
    importance.importance_rank,
    importance.mean_absolute_contribution,
    importance.contribution_share,
    importance.raised_share,
    importance.usual_number_where_raised,
    importance.usual_number_where_lowered,
    importance.customer_count,
    catalog.data_type,
    catalog.unit
from attrition_feature_importance as importance
left join attrition_feature_catalog as catalog
    on importance.feature = catalog.feature
where importance.importance_rank <= 12
order by importance.importance_rank
