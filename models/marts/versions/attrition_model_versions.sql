{%- set shadows = attrition.setting('shadow_versions') %}
{%- set metrics = ['log_loss', 'ece', 'lift_top_decile'] %}

with artefacts as (

    select * from {{ ref('attrition_model_artefacts') }}

),

champion as (

    select * from {{ ref('attrition_champion') }}

),

promotions as (

    select * from {{ ref('attrition_promotions') }}

),

metrics as (

    select * from {{ ref('attrition_model_metrics') }}

),

baselines as (

    select * from {{ ref('attrition_baselines') }}

),

versions as (

    select
        *,
        {{ attrition.json_text('settings', 'target') }} as target,
        cast({{ attrition.json_text('settings', 'attrition_horizon') }} as integer)
            as attrition_horizon,
        {{ attrition.json_text('settings', 'time_grain') }} as time_grain,
        {{ attrition.json_text('settings', 'population') }} as population,
        cast({{ attrition.json_length(attrition.json_text('preprocessing', 'features')) }}
            as integer) as feature_count,
        cast({{ attrition.json_text('hyperparameters', 'max_depth') }} as integer)
            as max_depth,
        cast({{ attrition.json_text('hyperparameters', 'eta') }} as double) as eta,
        cast({{ attrition.json_length('trials') }} as integer) as trial_count,
        {{ attrition.json_text('settings', 'sampling') }} as sampling,
        {{ attrition.json_text('judged_calibration', 'method') }} as calibration,
        {{ attrition.json_text('settings', 'refit') }} as refit
    from artefacts

),

decisions as (

    select
        challenger_version as version_id,
        decision,
        reason,
        max(case when decision = 'promoted' then decided_at end) over (
            partition by challenger_version
        ) as promoted_at,
        row_number() over (
            partition by challenger_version
            order by promotion_number desc
        ) as place
    from promotions

),

-- as it was judged when it was trained, on labels that reached as far as its own
judgements as (

    select
        metrics.*,
        row_number() over (
            partition by metrics.version_id
            order by
                case
                    when metrics.newest_label_date = versions.newest_label_date then 0
                    else 1
                end,
                metrics.newest_label_date
        ) as place
    from metrics
    inner join versions on metrics.version_id = versions.version_id
    where metrics.split = 'test'

),

ranked_baselines as (

    select
        judgements.version_id,
        baselines.baseline,
        baselines.roc_auc,
        row_number() over (
            partition by judgements.version_id
            order by coalesce(baselines.roc_auc, 0) desc, baselines.baseline asc
        ) as place
    from judgements
    inner join baselines
        on
            judgements.version_id = baselines.version_id
            and judgements.split = baselines.split
            and judgements.newest_label_date = baselines.newest_label_date
    where judgements.place = 1

),

texts as (

    select
        version_id,
        case population when 'ever' then 'customers who ever bought' else 'active customers' end
            as population_text,
        case target
            when 'is_attrition_s' then 'sensor'
            when 'is_attrition_cs' then 'consumable or sensor'
            else 'consumable'
        end as target_text,
        attrition_horizon || ' ' || time_grain
        || case when attrition_horizon = 1 then '' else 's' end as horizon_text,
        model_form
        || case
            when weights like '%"boosted_trees"%'
                then ' (' || {{ attrition.counted('num_round', 'tree') }}
                    || coalesce(' of depth ' || max_depth, '') || ', '
                    || {{ attrition.counted('feature_count', 'feature') }} || ')'
            else ''
        end as model_text,
        {{ attrition.counted('fit_row_count', 'row') }} || ' as of '
        || {{ attrition.date_text('judged_last_label_date') }} || ' and before, '
        || {{ attrition.counted('fit_attrition_count', 'attrition') }} || ' among them'
            as fit_text,
        case
            when refit = 'all_labelled'
                then 'a refit on rows up to '
                    || {{ attrition.date_text('serving_last_label_date') }}
            else 'the same fit'
        end as serving_text
    from versions

),

final as (

    select
        versions.version_id,
        versions.version_number,
        versions.version_label,
        versions.created_at,
        'Predicts which ' || texts.population_text || ' buy no ' || texts.target_text
        || ' for ' || texts.horizon_text || ': ' || texts.model_text || ', fitted on '
        || texts.fit_text || '; ' || texts.serving_text || ' scores.' as description,
        champion.version_id is not null as is_champion,
        {% if shadows -%}
        versions.version_id in (
            {%- for shadow in shadows -%}
            {{ attrition.text_literal(shadow) }}{{ ', ' if not loop.last }}
            {%- endfor -%}
        )
        {%- else -%}
        false
        {%- endif %} as is_shadow,
        decisions.promoted_at,
        decisions.decision as last_decision,
        decisions.reason as last_decision_reason,
        versions.target,
        versions.attrition_horizon,
        versions.time_grain,
        versions.population,
        versions.newest_label_date,
        {#- a label as of a day is known when its window has ended #}
        cast(case
            when versions.time_grain = 'week'
                then {{ dbt.dateadd(
                    'week', 'versions.attrition_horizon', 'versions.newest_label_date'
                ) }}
            else {{ dbt.dateadd(
                'month', 'versions.attrition_horizon', 'versions.newest_label_date'
            ) }}
        end as date) as knows_until,
        versions.test_starts_on,
        versions.validation_mode,
        versions.judged_last_label_date,
        versions.serving_last_label_date,
        versions.refit,
        versions.fit_row_count,
        versions.fit_attrition_count,
        judgements.row_count as test_row_count,
        judgements.roc_auc as test_roc_auc,
        judgements.roc_auc_lower as test_roc_auc_lower,
        judgements.roc_auc_upper as test_roc_auc_upper,
        {%- for metric in metrics %}
        judgements.{{ metric }} as test_{{ metric }},
        {%- endfor %}
        ranked_baselines.baseline as best_baseline,
        ranked_baselines.roc_auc as best_baseline_roc_auc,
        versions.model_form,
        versions.weights,
        versions.feature_count,
        versions.num_round,
        versions.max_depth,
        versions.eta,
        versions.trial_count,
        versions.sampling,
        versions.calibration,
        versions.decision_threshold,
        versions.is_reproducible,
        versions.library_version,
        versions.xgboost_version
    from versions
    inner join texts on versions.version_id = texts.version_id
    left join champion on versions.version_id = champion.version_id
    left join decisions
        on
            versions.version_id = decisions.version_id
            and decisions.place = 1
    left join judgements
        on
            versions.version_id = judgements.version_id
            and judgements.place = 1
    left join ranked_baselines
        on
            versions.version_id = ranked_baselines.version_id
            and ranked_baselines.place = 1

)

select * from final
