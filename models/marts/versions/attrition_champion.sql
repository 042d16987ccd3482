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

last_promotions as (

    {% if pinned -%}
    {{ attrition.last_promotions('promotions', 'versions', by='version_id') }}
    {%- else -%}
    {{ attrition.last_promotions(
        'promotions', 'versions', until='(select newest_label_date from training_plan)'
    ) }}
    {%- endif %}

),

final as (

    select
        versions.version_id,
        versions.version_label,
        versions.task_fingerprint,
        versions.newest_label_date,
        last_promotions.decided_at as promoted_at,
        {%- if pinned %}
        'pinned by the setting champion_version' as promotion_reason,
        {%- else %}
        promotions.reason as promotion_reason,
        {%- endif %}
        last_promotions.decided_by
    from versions
    {%- if pinned %}
    -- a pinned version need not have been promoted ever
    left join last_promotions on versions.version_id = last_promotions.version_id
    where versions.version_id = {{ attrition.text_literal(pinned) }}
    {%- else %}
    inner join last_promotions on versions.version_id = last_promotions.version_id
    inner join promotions on last_promotions.promotion_id = promotions.promotion_id
    inner join training_plan
        on versions.task_fingerprint = training_plan.task_fingerprint
    {%- endif %}

)

select * from final
