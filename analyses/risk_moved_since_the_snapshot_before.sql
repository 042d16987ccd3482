-- Whose risk rose or fell most between the two newest snapshots that were scored. A
-- customer scored by several versions counts with the score that was given last.
with history as (

    select *
    from {{ ref('attrition_score_history') }}
    -- rows from before shadows were kept do not say it
    where coalesce(role, 'champion') = 'champion'

),

snapshots as (

    select
        as_of_date,
        row_number() over (order by as_of_date desc) as snapshot_rank
    from history
    group by as_of_date

),

ranked as (

    select
        history.customer_id,
        history.attrition_probability,
        history.risk_decile,
        snapshots.snapshot_rank,
        row_number() over (
            partition by history.customer_id, history.as_of_date
            order by history.scored_at desc, history.model_version asc
        ) as recency
    from history
    inner join snapshots
        on history.as_of_date = snapshots.as_of_date
    where snapshots.snapshot_rank <= 2

),

final as (

    select
        newer.customer_id,
        older.attrition_probability as probability_before,
        newer.attrition_probability as probability_now,
        newer.attrition_probability - older.attrition_probability as probability_change,
        older.risk_decile as decile_before,
        newer.risk_decile as decile_now
    from ranked as newer
    inner join ranked as older
        on newer.customer_id = older.customer_id
    where
        newer.snapshot_rank = 1
        and newer.recency = 1
        and older.snapshot_rank = 2
        and older.recency = 1

)

select * from final
order by abs(probability_change) desc, customer_id asc
