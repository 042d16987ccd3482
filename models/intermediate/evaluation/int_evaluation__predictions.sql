{{ config(materialized='view') }}

with predictions as (

    select * from {{ ref('ml_test_predictions') }}

),

training_plan as (

    select * from {{ ref('training_plan') }}

),

final as (

    select
        predictions.version_id,
        predictions.system,
        predictions.split,
        training_plan.newest_label_date,
        predictions.customer_id,
        predictions.as_of_date,
        predictions.is_attrition,
        predictions.probability,
        predictions.decision
    from predictions
    cross join training_plan
    -- an earlier version may have been fitted on what are validation or test rows today
    where
        (predictions.split <> 'test' and predictions.role = 'challenger')
        or (predictions.split = 'test' and predictions.is_held_out)

)

select * from final
