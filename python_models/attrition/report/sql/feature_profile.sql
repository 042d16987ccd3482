-- how the features that count most are spread in train, test and scored rows
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
    profile.top_categories
from attrition_feature_profile as profile
inner join attrition_feature_catalog as catalog
    on profile.feature = catalog.feature
where
    profile.is_selected
    and profile.split in ('train', 'test', 'scored')
order by profile.feature, profile.split
