select
    feature,
    domain,
    description
from attrition_feature_catalog
where is_sensitive and is_selected
order by feature
