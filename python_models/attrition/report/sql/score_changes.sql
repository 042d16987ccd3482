-- who is flagged now and who was at the snapshot before, by the scores of each day itself
with history as (
    select
        customer_id,
        as_of_date,
        is_predicted_attrition,
        dense_rank() over (order by as_of_date desc) as snapshots_back
    from attrition_score_history
    where role = 'champion' and not is_hindsight
),

moves as (
    select
        customer_id,
        max(case when snapshots_back = 1 then as_of_date end) as as_of_date,
        max(case when snapshots_back = 2 then as_of_date end) as date_before,
        max(case when snapshots_back = 1 and is_predicted_attrition then 1 else 0 end)
            as is_on_it,
        max(case when snapshots_back = 2 and is_predicted_attrition then 1 else 0 end)
            as was_on_it
    from history
    where snapshots_back <= 2
    group by customer_id
)

select
    max(as_of_date) as as_of_date,
    max(date_before) as date_before,
    sum(is_on_it) as on_it,
    sum(case when is_on_it = 1 and was_on_it = 0 then 1 else 0 end) as new_on_it,
    sum(case when is_on_it = 0 and was_on_it = 1 then 1 else 0 end) as gone_from_it
from moves
having max(date_before) is not null
