{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    full_refresh=false
) }}

{%- set key = ['version_id', 'split', 'newest_label_date'] %}

with predictions as (

    select * from {{ ref('int_evaluation__predictions') }}

),

new_predictions as (

    select
        version_id,
        split,
        newest_label_date,
        is_attrition,
        probability
    from predictions
    where
        system = 'model'
        and {{ attrition.is_new_key('predictions', key) }}

),

thresholds as (

    {{ attrition.cumulative_thresholds('new_predictions', key) }}

),

-- with one outcome only there is no trade-off to draw
rates as (

    select
        version_id,
        split,
        newest_label_date,
        probability as threshold,
        rows_so_far as row_count,
        {{ attrition.ratio('attritions_so_far', 'all_attritions') }}
            as true_positive_rate,
        {{ attrition.ratio(
            'rows_so_far - attritions_so_far', 'all_rows - all_attritions'
        ) }} as false_positive_rate,
        {{ attrition.ratio('attritions_so_far', 'rows_so_far') }} as flagged_attrition_rate
    from thresholds
    where
        all_attritions > 0
        and all_attritions < all_rows

),

-- a hundred stretches of equal length along the ROC curve, of which the last point
-- stays: equal steps in rows would leave the steep beginning to two or three points
thinned as (

    select
        version_id,
        split,
        newest_label_date,
        threshold,
        row_count,
        true_positive_rate,
        false_positive_rate,
        flagged_attrition_rate,
        row_number() over (
            partition by
                version_id,
                split,
                newest_label_date,
                ceil(50 * (true_positive_rate + false_positive_rate))
            order by row_count desc
        ) as place
    from rates

),

points as (

    select
        version_id,
        split,
        newest_label_date,
        threshold,
        row_count,
        true_positive_rate,
        false_positive_rate,
        flagged_attrition_rate,
        row_number() over (
            partition by version_id, split, newest_label_date
            order by row_count
        ) as point
    from thinned
    where place = 1

),

-- where both curves begin: nobody is flagged, and precision is 1 by convention
starts as (

    select distinct
        version_id,
        split,
        newest_label_date
    from points

),

bins as (

    select
        version_id,
        split,
        newest_label_date,
        {{ attrition.probability_bin('probability') }} as bin,
        count(*) as row_count,
        sum(is_attrition) as attrition_count,
        {{ attrition.exact_sum('probability') }} as probability_sum
    from new_predictions
    group by
        version_id,
        split,
        newest_label_date,
        {{ attrition.probability_bin('probability') }}

),

curves as (

    select
        version_id,
        split,
        newest_label_date,
        'roc' as curve,
        0 as point,
        0.0 as x,
        0.0 as y,
        null as threshold,
        0 as row_count
    from starts

    union all

    select
        version_id,
        split,
        newest_label_date,
        'roc' as curve,
        point,
        false_positive_rate as x,
        true_positive_rate as y,
        threshold,
        row_count
    from points

    union all

    select
        version_id,
        split,
        newest_label_date,
        'precision_recall' as curve,
        0 as point,
        0.0 as x,
        1.0 as y,
        null as threshold,
        0 as row_count
    from starts

    union all

    select
        version_id,
        split,
        newest_label_date,
        'precision_recall' as curve,
        point,
        true_positive_rate as x,
        flagged_attrition_rate as y,
        threshold,
        row_count
    from points

    union all

    select
        version_id,
        split,
        newest_label_date,
        'calibration' as curve,
        bin + 1 as point,
        {{ attrition.ratio('probability_sum', 'row_count') }} as x,
        {{ attrition.ratio('attrition_count', 'row_count') }} as y,
        bin / 10.0 as threshold,
        row_count
    from bins

),

final as (

    select
        version_id,
        split,
        newest_label_date,
        curve,
        cast(point as integer) as point,
        cast(x as double) as x,
        cast(y as double) as y,
        cast(threshold as double) as threshold,
        cast(row_count as bigint) as row_count
    from curves

)

select * from final
