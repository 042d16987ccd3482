-- what the four strongest features that are numbers add to the score, by their value
with numbers as (
    select
        feature,
        corr(feature_number, contribution) as direction
    from attrition_contributions
    where feature_number is not null
    group by feature
    having count(distinct feature_number) >= 5
),

top_features as (
    select
        importance.feature,
        importance.importance_rank,
        numbers.direction,
        catalog.unit
    from attrition_feature_importance as importance
    inner join numbers
        on importance.feature = numbers.feature
    left join attrition_feature_catalog as catalog
        on importance.feature = catalog.feature
    order by importance.importance_rank
    limit 4
),

people as (
    select distinct
        customer_id,
        md5(customer_id) as place
    from attrition_contributions
    order by place
    limit 300
)

select
    top_features.feature,
    top_features.importance_rank,
    top_features.direction,
    top_features.unit,
    contributions.feature_number,
    contributions.contribution
from attrition_contributions as contributions
inner join people
    on contributions.customer_id = people.customer_id
inner join top_features
    on contributions.feature = top_features.feature
where contributions.feature_number is not null
order by top_features.importance_rank, contributions.feature_number, people.place
