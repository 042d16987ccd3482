{{ config(group='attrition') }}

-- Rows of one customer on both sides would be a leak through time: the window of a
-- training label must end before validation and test begin. Where customers are split
-- instead of time, bounds are null and nothing can reach over them.
with splits as (

    select * from {{ ref('int_population__splits') }}

),

labels as (

    select * from {{ ref('int_population__labels') }}

),

bounds as (

    select * from {{ ref('int_population__split_bounds') }}

),

final as (

    select
        splits.customer_id,
        splits.as_of_date,
        splits.split,
        splits.is_fit,
        labels.label_matures_on
    from splits
    inner join labels
        on
            splits.customer_id = labels.customer_id
            and splits.as_of_date = labels.as_of_date
    cross join bounds
    where
        (
            (splits.is_fit or splits.split in ('train', 'validation', 'calibration'))
            and labels.label_matures_on > bounds.test_starts_on
        )
        or (
            splits.split = 'train'
            and labels.label_matures_on
            > {{ attrition.bucket_start('bounds.validation_start_bucket') }}
        )

)

select * from final
