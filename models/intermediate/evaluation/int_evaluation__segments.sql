with predictions as (

    select * from {{ ref('int_evaluation__predictions') }}

),

vectors as (

    select * from {{ ref('int_features__vector') }}

),

judged as (

    select distinct
        customer_id,
        as_of_date
    from predictions
    where
        system = 'model'
        and split = 'test'

),

snapshots as (

    select distinct as_of_date from judged

),

-- a band is a place among all customers of the snapshot, judged or not
customers as (

    select vectors.*
    from vectors
    inner join snapshots on vectors.as_of_date = snapshots.as_of_date

),

segments as (

    {{ attrition.customer_segments('customers') }}

),

final as (

    select segments.*
    from segments
    inner join judged
        on
            segments.customer_id = judged.customer_id
            and segments.as_of_date = judged.as_of_date

)

select * from final
