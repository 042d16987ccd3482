select
    domain,
    count(*) as feature_count,
    sum(case when is_selected then 1 else 0 end) as selected_count,
    sum(case when is_sensitive and is_selected then 1 else 0 end) as sensitive_count
from attrition_feature_catalog
group by domain
order by domain
