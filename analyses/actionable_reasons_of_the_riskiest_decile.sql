-- What could be done for the customers most at risk: which reasons that the company can
-- act on are the most frequent among them, and how much more frequent than among all.
with scores as (

    select * from {{ ref('attrition_scores') }}

),

reasons as (

    select * from {{ ref('attrition_reasons') }}

),

sizes as (

    select
        count(*) as customer_count,
        count(case when risk_decile = 1 then 1 end) as riskiest_count
    from scores

),

by_feature as (

    select
        reasons.feature,
        count(*) as customer_count,
        count(case when scores.risk_decile = 1 then 1 end) as riskiest_count,
        avg(case when scores.risk_decile = 1 then reasons.contribution end)
            as mean_contribution
    from reasons
    inner join scores
        on reasons.customer_id = scores.customer_id
    where reasons.is_actionable
    group by reasons.feature

),

final as (

    select
        by_feature.feature,
        by_feature.riskiest_count as customers_in_riskiest_decile,
        round(100.0 * by_feature.riskiest_count / sizes.riskiest_count, 1)
            as percent_of_riskiest_decile,
        round(100.0 * by_feature.customer_count / sizes.customer_count, 1)
            as percent_of_all,
        round(by_feature.mean_contribution, 3) as mean_log_odds_in_riskiest_decile
    from by_feature
    cross join sizes
    where by_feature.riskiest_count > 0

)

select * from final
order by customers_in_riskiest_decile desc, feature asc
