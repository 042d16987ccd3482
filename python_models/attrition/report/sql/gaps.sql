-- features that are not known of many customers, in train and among those scored now
select
    profile.feature,
    catalog.description,
    max(case when profile.split = 'train' then profile.missing_share end) as missing_train,
    max(case when profile.split = 'test' then profile.missing_share end) as missing_test,
    max(case when profile.split = 'scored' then profile.missing_share end) as missing_scored
from attrition_feature_profile as profile
inner join attrition_feature_catalog as catalog
    on profile.feature = catalog.feature
where profile.is_selected
group by profile.feature, catalog.description
having max(profile.missing_share) > 0
order by missing_scored desc nulls last, profile.feature asc
