with contenders as (

    select * from {{ ref('int_evaluation__contenders') }}

),

versions as (

    select * from {{ ref('attrition_model_artefacts') }}

),

predictions as (

    select * from {{ ref('ml_test_predictions') }}

),

catalog as (

    select * from {{ ref('attrition_feature_catalog') }}

),

training_plan as (

    select * from {{ ref('training_plan') }}

),

described as (

    select
        contenders.version_id,
        contenders.role,
        contenders.needs_judging,
        versions.task_fingerprint,
        versions.newest_label_date,
        versions.preprocessing,
        versions.judged_booster,
        versions.weights
    from contenders
    left join versions on contenders.version_id = versions.version_id

),

-- what the settings leave out must not go on deciding because it ranks well
left_out as (

    select count(*) as left_out_count
    from described
    inner join catalog
        on described.preprocessing like '%"feature": "' || catalog.feature || '"%'
    where
        described.role = 'incumbent'
        and not catalog.is_selected

),

scored as (

    select
        version_id,
        max(case when split = 'test' and is_held_out then 1 else 0 end) as has_held_out
    from predictions
    where system = 'model'
    group by version_id

),

-- a challenger that nothing was predicted for is left for a later build
challengers as (

    select described.*
    from described
    inner join scored on described.version_id = scored.version_id
    where
        described.role = 'challenger'
        and described.needs_judging

),

incumbents as (

    select
        described.*,
        scored.has_held_out
    from described
    left join scored on described.version_id = scored.version_id
    where described.role = 'incumbent'

),

final as (

    select
        challengers.version_id as challenger_version,
        incumbents.version_id as incumbent_version,
        case
            when incumbents.version_id is null then 'none'
            when challengers.task_fingerprint <> incumbents.task_fingerprint
                then 'other_task'
            when incumbents.newest_label_date > training_plan.newest_label_date
                then 'later_labels'
            when incumbents.has_held_out is null then 'not_scored'
            when incumbents.has_held_out = 0 then 'not_held_out'
            when left_out.left_out_count > 0 then 'not_selected'
            when
                challengers.judged_booster = incumbents.judged_booster
                and challengers.weights = incumbents.weights
                then 'same_model'
            else 'comparable'
        end as incumbent_state,
        training_plan.incumbent_promotion_id,
        training_plan.newest_label_date
    from challengers
    cross join training_plan
    cross join left_out
    left join incumbents on true
    where
        incumbents.version_id is null
        or incumbents.version_id <> challengers.version_id

)

select * from final
