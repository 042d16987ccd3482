-- 200 customers, chosen by hash: what each of the eight strongest features adds to their score,
-- and whether their value is among the lowest or the highest third; dots in one place lie beside
-- each other
with top_features as (
    select
        feature,
        importance_rank
    from attrition_feature_importance
    where importance_rank <= 8
),

people as (
    select distinct
        customer_id,
        md5(customer_id) as place
    from attrition_contributions
    order by place
    limit 200
),

dots as (
    select
        top_features.feature,
        top_features.importance_rank,
        people.place,
        contributions.feature_value,
        contributions.contribution,
        case
            when contributions.feature_number is null then 'no number'
            when
                rank() over (
                    partition by contributions.feature
                    order by contributions.feature_number nulls last
                ) * 3.0 <= count(contributions.feature_number) over (
                    partition by contributions.feature
                )
                then 'low value'
            when
                rank() over (
                    partition by contributions.feature
                    order by contributions.feature_number desc nulls last
                ) * 3.0 <= count(contributions.feature_number) over (
                    partition by contributions.feature
                )
                then 'high value'
            else 'middle'
        end as value_third,
        floor(
            contributions.contribution * 60 / nullif(
                max(contributions.contribution) over ()
                - min(contributions.contribution) over (), 0
            )
        ) as stack
    from attrition_contributions as contributions
    inner join people
        on contributions.customer_id = people.customer_id
    inner join top_features
        on contributions.feature = top_features.feature
),

stacks as (
    select
        dots.*,
        row_number() over (
            partition by dots.feature, dots.stack order by dots.place
        ) as place_in_stack,
        count(*) over (partition by dots.feature, dots.stack) as stack_size
    from dots
)

select
    feature,
    importance_rank,
    feature_value,
    contribution,
    value_third,
    (place_in_stack - (stack_size + 1) / 2.0)
    / greatest(max(stack_size) over (partition by feature), 10) as dot_offset
from stacks
order by importance_rank, contribution, place
