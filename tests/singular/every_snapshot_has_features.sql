{{ config(group='attrition') }}

-- The vector joins the domains by their keys: a domain that loses a snapshot, or
-- doubles one, would do so silently.
with spine as (

    select * from {{ ref('int_population__spine') }}

),

dataset as (

    select * from {{ ref('modeling_dataset') }}

),

final as (

    select
        spine.customer_id,
        spine.as_of_date,
        count(dataset.customer_id) as row_count
    from spine
    left join dataset
        on
            spine.customer_id = dataset.customer_id
            and spine.as_of_date = dataset.as_of_date
    group by spine.customer_id, spine.as_of_date

)

select * from final
where row_count <> 1
