with versions as (

    select * from {{ ref('attrition_model_artefacts') }}

),

plan as (

    select * from {{ ref('training_plan') }}

),

ranked as (

    select
        versions.version_id,
        row_number() over (order by versions.version_number desc) as place
    from versions
    inner join plan
        on
            versions.settings_fingerprint = plan.settings_fingerprint
            and versions.newest_label_date = plan.newest_label_date

),

-- A version that the plan did not know was trained in this run: nobody judged it yet.
challenger as (

    select
        ranked.version_id,
        not (
            plan.is_judged
            and coalesce(ranked.version_id = plan.challenger_version, false)
        )
        and coalesce(ranked.version_id != plan.incumbent_version, true)
            as needs_judging
    from ranked
    cross join plan
    where ranked.place = 1

),

final as (

    select
        version_id,
        'challenger' as role,
        needs_judging
    from challenger
    union all
    select
        plan.incumbent_version as version_id,
        'incumbent' as role,
        -- on another question, or with labels of a later time, it cannot be measured
        challenger.needs_judging
        and versions.task_fingerprint = plan.task_fingerprint
        and versions.newest_label_date <= plan.newest_label_date as needs_judging
    from plan
    cross join challenger
    inner join versions
        on plan.incumbent_version = versions.version_id
    where
        plan.incumbent_version is not null
        and plan.incumbent_version != challenger.version_id

)

select * from final
