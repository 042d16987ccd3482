{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        full_refresh=false,
        on_schema_change='append_new_columns',
    )
}}

with history as (

    select
        customer_id,
        as_of_date,
        model_version,
        role
    from {{ attrition.previous_state('attrition_score_history', {
        'customer_id': dbt.type_string(),
        'as_of_date': 'date',
        'model_version': dbt.type_string(),
        'role': dbt.type_string(),
    }) }}

),

scores as (

    select * from {{ ref('attrition_scores') }}

),

shadow_scores as (

    select * from {{ ref('attrition_shadow_scores') }}

),

versions as (

    select * from {{ ref('attrition_model_versions') }}

),

given as (

    select
        customer_id,
        as_of_date,
        attrition_probability,
        is_predicted_attrition,
        risk_decile,
        model_version,
        scored_at,
        run_id,
        'champion' as role
    from scores

    union all

    select
        customer_id,
        as_of_date,
        attrition_probability,
        is_predicted_attrition,
        risk_decile,
        model_version,
        scored_at,
        run_id,
        'shadow' as role
    from shadow_scores
    -- the champion may stand among the shadows, and its scores are there already
    where model_version <> coalesce(champion_version, '')

),

final as (

    select
        given.customer_id,
        given.as_of_date,
        given.attrition_probability,
        given.is_predicted_attrition,
        given.risk_decile,
        given.model_version,
        given.scored_at,
        given.run_id,
        given.role,
        versions.knows_until > given.as_of_date as is_hindsight
    from given
    inner join versions on given.model_version = versions.version_id
    left join history
        on
            given.customer_id = history.customer_id
            and given.as_of_date = history.as_of_date
            and given.model_version = history.model_version
            -- a shadow that becomes champion is from then on what acts
            and given.role = coalesce(history.role, 'champion')
    where history.customer_id is null

)

select * from final
