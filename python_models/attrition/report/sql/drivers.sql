-- where a feature moves the risk of a segment most unlike that of everyone else
select
    drivers.segment,
    drivers.segment_value,
    drivers.feature,
    drivers.contribution_difference,
    drivers.usual_number,
    drivers.customer_count,
    catalog.data_type,
    catalog.unit
from attrition_drivers as drivers
left join attrition_feature_catalog as catalog
    on drivers.feature = catalog.feature
-- that a segment differs in what it is told by needs no saying
where drivers.feature <> drivers.segment
qualify
    row_number() over (
        partition by drivers.segment, drivers.segment_value order by drivers.driver_rank
    ) = 1
order by abs(drivers.contribution_difference) desc, drivers.segment asc, drivers.segment_value asc
limit 12
