{{ config(materialized='table') }}

{%- set pinned = attrition.setting('champion_version') %}

with versions as (

    select * from {{ ref('attrition_model_versions') }}

),

promotions as (

    select * from {{ ref('attrition_promotions') }}

),

promoted as (

    select
        challenger_version as version_id,
        decided_at as promoted_at,
        reason as promotion_reason,
        row_number() over (
            order by decided_at desc, promotion_id desc
        ) as recency
    from promotions
    where
        decision = 'promoted'
        {%- if pinned %}
        and challenger_version = {{ dbt.string_literal(pinned) }}
        {%- endif %}

),

last_promoted as (

    select
        version_id,
        promoted_at,
        promotion_reason
    from promoted
    where recency = 1

),

final as (

    select
        versions.version_id,
        versions.created_at,
        versions.run_id,
        versions.settings_fingerprint,
        versions.task_fingerprint,
        versions.data_fingerprint,
        versions.code_fingerprint,
        versions.newest_label_date,
        versions.test_starts_on,
        versions.split_rule,
        versions.validation_mode,
        versions.settings,
        versions.preprocessing,
        versions.hyperparameters,
        versions.num_round,
        versions.search_booster,
        versions.judged_booster,
        versions.serving_booster,
        versions.judged_calibration,
        versions.serving_calibration,
        versions.decision_threshold,
        versions.judged_last_label_date,
        versions.serving_last_label_date,
        versions.trials,
        versions.baselines,
        versions.baseline_profile,
        versions.is_reproducible,
        versions.fit_row_count,
        versions.fit_attrition_count,
        versions.calibration_row_count,
        versions.library_version,
        versions.xgboost_version,
        last_promoted.promoted_at,
        {%- if pinned %}
        'pinned by the setting champion_version' as promotion_reason
        {%- else %}
        last_promoted.promotion_reason
        {%- endif %}
    from versions
    {%- if pinned %}
    -- a pinned version need not have been promoted ever
    left join last_promoted on versions.version_id = last_promoted.version_id
    where versions.version_id = {{ dbt.string_literal(pinned) }}
    {%- else %}
    inner join last_promoted on versions.version_id = last_promoted.version_id
    {%- endif %}

)

select * from final
