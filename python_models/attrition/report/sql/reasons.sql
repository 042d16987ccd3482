-- which reasons stand behind the scores: how often, and how often first
select
    reasons.feature,
    catalog.description,
    count(*) as customer_count,
    sum(case when reasons.reason_rank = 1 then 1 else 0 end) as first_count,
    avg(reasons.contribution) as mean_contribution
from attrition_reasons as reasons
left join attrition_feature_catalog as catalog
    on reasons.feature = catalog.feature
group by reasons.feature, catalog.description
order by first_count desc, reasons.feature asc
limit 12
