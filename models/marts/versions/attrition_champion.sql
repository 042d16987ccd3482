{{ config(materialized='table') }}

{%- set pinned = attrition.setting('champion_version') %}

with versions as (

    select * from {{ ref('attrition_model_artefacts') }}

),

promotions as (

    select * from {{ ref('attrition_promotions') }}

),

training_plan as (

    select * from {{ ref('training_plan') }}

),

promoted as (

    select
        promotions.challenger_version as version_id,
        promotions.decided_at as promoted_at,
        promotions.reason as promotion_reason,
        promotions.decided_by,
        row_number() over (
            order by promotions.decided_at desc, promotions.promotion_id desc
        ) as recency
    from promotions
    inner join versions
        on promotions.challenger_version = versions.version_id
    cross join training_plan
    where
        promotions.decision = 'promoted'
        {%- if pinned %}
        and promotions.challenger_version = {{ dbt.string_literal(pinned) }}
        {%- else %}
        -- each question has its own champion; none is better than another question's
        and versions.task_fingerprint = training_plan.task_fingerprint
        {%- endif %}

),

last_promoted as (

    select
        version_id,
        promoted_at,
        promotion_reason,
        decided_by
    from promoted
    where recency = 1

),

final as (

    select
        versions.version_id,
        versions.version_label,
        versions.task_fingerprint,
        versions.newest_label_date,
        last_promoted.promoted_at,
        {%- if pinned %}
        'pinned by the setting champion_version' as promotion_reason,
        {%- else %}
        last_promoted.promotion_reason,
        {%- endif %}
        last_promoted.decided_by
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
