-- Everyone who had bought by the snapshot; only active customers have a probability.
insert into futures.truth
with
final as (
    select
        customer_name(snapshot.customer) as customer_id,
        day_to_date(getvariable('snapshot_day')) as as_of_date,
        snapshot.last_order_day >= getvariable('active_from_day') as is_active,
        round(probability.true_probability, 9) as true_probability,
        case
            when outcome.last_order_day < getvariable('snapshot_day') then 1
            when outcome.last_order_day is not null then 0
        end::tinyint as is_attrition,
    from main.{snapshot} as snapshot
    left join futures.probability as probability
        on snapshot.customer = probability.customer
    left join {outcome} as outcome
        on snapshot.customer = outcome.customer
    order by snapshot.customer
)

select * from final;
