with pair as (

    select * from {{ ref('int_evaluation__pair') }}

),

predictions as (

    select * from {{ ref('ml_test_predictions') }}

),

held_out as (

    select * from predictions
    where
        split = 'test'
        and system = 'model'
        and is_held_out

),

-- fair means: snapshots that neither of the two was fitted on
fair_snapshots as (

    select
        held_out.customer_id,
        held_out.as_of_date
    from pair
    inner join held_out
        on pair.challenger_version = held_out.version_id
    left join held_out as rival
        on
            pair.incumbent_version = rival.version_id
            and held_out.customer_id = rival.customer_id
            and held_out.as_of_date = rival.as_of_date
    where
        pair.incumbent_state <> 'comparable'
        or rival.version_id is not null

),

entrants as (

    select
        'challenger' as contestant,
        held_out.*
    from pair
    inner join held_out on pair.challenger_version = held_out.version_id

    union all

    select
        'incumbent' as contestant,
        held_out.*
    from pair
    inner join held_out on pair.incumbent_version = held_out.version_id
    where pair.incumbent_state = 'comparable'

    union all

    select
        predictions.system as contestant,
        predictions.*
    from pair
    inner join predictions on pair.challenger_version = predictions.version_id
    where predictions.system <> 'model'

),

final as (

    select
        entrants.contestant,
        entrants.customer_id,
        entrants.as_of_date,
        entrants.is_attrition,
        entrants.probability,
        entrants.decision
    from entrants
    inner join fair_snapshots
        on
            entrants.customer_id = fair_snapshots.customer_id
            and entrants.as_of_date = fair_snapshots.as_of_date

)

select * from final
