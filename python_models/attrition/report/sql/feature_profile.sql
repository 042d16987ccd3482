-- how features are spread in train, test and scored rows; those that moved most from train to now,
-- in ranges of nine customers in ten, come first
with moved as (
    select
        feature,
        max(case when split = 'scored' then median end)
        - max(case when split = 'train' then median end) as median_change,
        max(case when split = 'train' then p95 - p05 end) as usual_range
    from attrition_feature_profile
    where is_selected
    group by feature
)

select
    profile.feature,
    catalog.description,
    catalog.unit,
    profile.split,
    profile.row_count,
    profile.missing_share,
    profile.p05,
    profile.p25,
    profile.median,
    profile.p75,
    profile.p95,
    abs(moved.median_change) / nullif(moved.usual_range, 0) as shift
from attrition_feature_profile as profile
inner join attrition_feature_catalog as catalog
    on profile.feature = catalog.feature
inner join moved
    on profile.feature = moved.feature
where
    profile.is_selected
    and profile.split in ('train', 'test', 'scored')
    and profile.median is not null
order by shift desc nulls last, profile.feature asc, profile.split asc
