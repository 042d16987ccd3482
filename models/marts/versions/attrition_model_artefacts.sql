{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    full_refresh=false
) }}

with candidate as (

    select * from {{ ref('ml_candidate') }}

),

final as (

    select
        version_id,
        {{ attrition.highest_number('version_number') }}
        + row_number() over (order by version_id) as version_number,
        version_label,
        created_at,
        run_id,
        settings_fingerprint,
        task_fingerprint,
        data_fingerprint,
        code_fingerprint,
        newest_label_date,
        test_starts_on,
        split_rule,
        validation_mode,
        settings,
        preprocessing,
        hyperparameters,
        num_round,
        search_booster,
        judged_booster,
        serving_booster,
        weights,
        model_form,
        judged_calibration,
        serving_calibration,
        decision_threshold,
        judged_last_label_date,
        serving_last_label_date,
        trials,
        baselines,
        baseline_profile,
        is_reproducible,
        fit_row_count,
        fit_attrition_count,
        calibration_row_count,
        library_version,
        xgboost_version
    from candidate
    -- training the same data, settings and code again yields the same id: nothing new
    where {{ attrition.is_new_key('candidate', ['version_id']) }}

)

select * from final
