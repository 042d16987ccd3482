{#- Rows of a split that the profile reads; a split with more is thinned. -#}
{%- set most_rows = 50000 -%}

with splits as (

    select * from {{ ref('int_population__splits') }}

),

buckets as (

    select * from {{ ref('int_population__buckets') }}

),

placed as (

    select
        splits.customer_id,
        splits.as_of_date,
        splits.customer_hash,
        case when buckets.is_newest_snapshot then 'scored' else splits.split end
            as split
    from splits
    inner join buckets
        on splits.as_of_date = buckets.as_of_date
    where
        buckets.is_newest_snapshot
        or splits.split in ('train', 'validation', 'calibration', 'test')

),

totals as (

    select
        split,
        count(*) as split_row_count,
        min(as_of_date) as first_as_of_date,
        max(as_of_date) as last_as_of_date
    from placed
    group by split

),

customers as (

    select
        split,
        customer_id,
        customer_hash,
        count(*) as row_count
    from placed
    group by split, customer_id, customer_hash

),

ordered as (

    select
        split,
        customer_id,
        coalesce(sum(row_count) over (
            partition by split
            order by customer_hash, customer_id
            rows between unbounded preceding and 1 preceding
        ), 0) as rows_before
    from customers

),

-- whole customers, taken in the order of their hash until there are enough rows
final as (

    select
        placed.customer_id,
        placed.as_of_date,
        placed.split,
        totals.split_row_count,
        totals.first_as_of_date,
        totals.last_as_of_date
    from placed
    inner join totals
        on placed.split = totals.split
    inner join ordered
        on
            placed.split = ordered.split
            and placed.customer_id = ordered.customer_id
    where ordered.rows_before < {{ most_rows }}

)

select * from final
