{{ config(materialized='table') }}

-- A judgement ends the work on a pair, so all that describes it must be there first:
-- depends_on: {{ ref('attrition_model_metrics') }}
-- depends_on: {{ ref('attrition_model_curves') }}
-- depends_on: {{ ref('attrition_confusion_matrix') }}
-- depends_on: {{ ref('attrition_lift') }}
-- depends_on: {{ ref('attrition_baselines') }}
-- depends_on: {{ ref('attrition_profit_curve') }}
-- depends_on: {{ ref('attrition_backtest') }}
-- depends_on: {{ ref('attrition_segment_metrics') }}

{%- set metrics = [
    'mean_probability',
    'roc_auc',
    'average_precision',
    'log_loss',
    'brier_score',
    'ece',
    'accuracy',
    'f1',
    'precision',
    'recall',
    'lift_top_decile',
] %}
{#- What may decide, and in which direction it gets better. -#}
{%- set deciding = {
    'roc_auc': 'desc',
    'average_precision': 'desc',
    'log_loss': 'asc',
    'brier_score': 'asc',
} %}

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

challengers as (

    select
        contenders.version_id,
        versions.task_fingerprint,
        versions.judged_booster
    from contenders
    left join versions on contenders.version_id = versions.version_id
    where
        contenders.role = 'challenger'
        and contenders.needs_judging

),

incumbents as (

    select
        contenders.version_id,
        versions.task_fingerprint,
        versions.newest_label_date,
        versions.preprocessing,
        versions.judged_booster
    from contenders
    left join versions on contenders.version_id = versions.version_id
    where contenders.role = 'incumbent'

),

-- what the settings leave out must not go on deciding because it ranks well
left_out as (

    select count(*) as left_out_count
    from incumbents
    inner join catalog
        on incumbents.preprocessing like '%"feature": "' || catalog.feature || '"%'
    where not catalog.is_selected

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
pairs as (

    select
        challengers.version_id as challenger_version,
        incumbents.version_id as incumbent_version,
        case
            when incumbents.version_id is null then 'none'
            when challengers.task_fingerprint <> incumbents.task_fingerprint
                then 'other_task'
            when incumbents.newest_label_date > training_plan.newest_label_date
                then 'later_labels'
            when scored_incumbents.version_id is null then 'not_scored'
            when scored_incumbents.has_held_out = 0 then 'not_held_out'
            when left_out.left_out_count > 0 then 'not_selected'
            when challengers.judged_booster = incumbents.judged_booster
                then 'same_model'
            else 'comparable'
        end as incumbent_state
    from challengers
    cross join training_plan
    cross join left_out
    inner join scored as scored_challengers
        on challengers.version_id = scored_challengers.version_id
    left join incumbents on true
    left join scored as scored_incumbents
        on incumbents.version_id = scored_incumbents.version_id
    where
        incumbents.version_id is null
        or incumbents.version_id <> challengers.version_id

),

held_out as (

    select
        version_id,
        customer_id,
        as_of_date,
        is_attrition,
        probability,
        decision
    from predictions
    where
        split = 'test'
        and system = 'model'
        and is_held_out

),

-- fair means: rows that neither of the two was fitted on
fair_rows as (

    select
        pairs.challenger_version,
        pairs.incumbent_state,
        held_out.customer_id,
        held_out.as_of_date,
        held_out.is_attrition,
        held_out.probability,
        held_out.decision,
        rival.probability as rival_probability,
        rival.decision as rival_decision
    from pairs
    inner join held_out
        on pairs.challenger_version = held_out.version_id
    left join held_out as rival
        on
            pairs.incumbent_version = rival.version_id
            and held_out.customer_id = rival.customer_id
            and held_out.as_of_date = rival.as_of_date
    where
        pairs.incumbent_state <> 'comparable'
        or rival.version_id is not null

),

judged_rows as (

    select
        'challenger' as side,
        incumbent_state,
        customer_id,
        is_attrition,
        probability,
        decision
    from fair_rows

    union all

    select
        'incumbent' as side,
        incumbent_state,
        customer_id,
        is_attrition,
        rival_probability as probability,
        rival_decision as decision
    from fair_rows
    where incumbent_state = 'comparable'

),

metrics as (

    {{ attrition.binary_metrics('judged_rows', ['side']) }}

),

paired_rows as (

    select * from judged_rows
    where incumbent_state = 'comparable'

),

replicates as (

    {{ attrition.bootstrap_replicates('paired_rows', ['side']) }}

),

-- a replicate draws the same customers for both, so what makes a draw easy cancels out
gains as (

    select
        challenger.side,
        challenger.replicate
        {%- for metric, better in deciding.items() %},
        {{ 'challenger' if better == 'desc' else 'incumbent' }}.{{ metric }}
        - {{ 'incumbent' if better == 'desc' else 'challenger' }}.{{ metric }}
            as {{ metric }}
        {%- endfor %}
    from replicates as challenger
    inner join replicates as incumbent
        on challenger.replicate = incumbent.replicate
    where
        challenger.side = 'challenger'
        and incumbent.side = 'incumbent'

),

gain_shifts as (

    {{ attrition.bootstrap_shifts('gains', ['side'], deciding.keys()) }}

),

baseline_rows as (

    select
        predictions.system as baseline,
        predictions.is_attrition,
        predictions.probability,
        predictions.decision
    from fair_rows
    inner join predictions
        on
            fair_rows.challenger_version = predictions.version_id
            and fair_rows.customer_id = predictions.customer_id
            and fair_rows.as_of_date = predictions.as_of_date
    where predictions.system <> 'model'

),

baseline_metrics as (

    {{ attrition.binary_metrics('baseline_rows', ['baseline']) }}

),

ranked_baselines as (

    select
        *
        {%- for metric, better in deciding.items() %},
        row_number() over (order by {{ metric }} {{ better }} nulls last, baseline asc)
            as {{ metric }}_place
        {%- endfor %}
    from baseline_metrics

),

best_baselines as (

    select
        {%- for metric in deciding %}
        max(case when {{ metric }}_place = 1 then baseline end)
            as {{ metric }}_best_baseline,
        max(case when {{ metric }}_place = 1 then {{ metric }} end)
            as {{ metric }}_best_baseline_value
        {{- "," if not loop.last }}
        {%- endfor %}
    from ranked_baselines

),

-- Rows of one customer say nearly the same, so the error counts customers, not rows.
customers as (

    select
        count(distinct case when is_attrition = 1 then customer_id end) as left_count,
        count(distinct case when is_attrition = 0 then customer_id end)
            as stayed_count
    from fair_rows

),

-- J. A. Hanley and B. J. McNeil (1982), "The meaning and use of the area under a
-- receiver operating characteristic (ROC) curve", Radiology 143, 29-36: the chance
-- that two who left both rank above one who stayed, and that one who left ranks
-- above two who stayed
hanley_mcneil as (

    select
        metrics.side,
        metrics.roc_auc,
        customers.left_count,
        customers.stayed_count,
        metrics.roc_auc / (2 - metrics.roc_auc) as two_left,
        2 * metrics.roc_auc * metrics.roc_auc / (1 + metrics.roc_auc) as two_stayed
    from metrics
    cross join customers
    where metrics.side = 'challenger'

),

-- rounding may leave a perfect ranking a hair below zero, hence the floor
standard_errors as (

    select
        side,
        sqrt(
            greatest(
                0,
                roc_auc * (1 - roc_auc)
                + (left_count - 1) * (two_left - roc_auc * roc_auc)
                + (stayed_count - 1) * (two_stayed - roc_auc * roc_auc)
            )
            / nullif(left_count * stayed_count, 0)
        ) as roc_auc_standard_error
    from hanley_mcneil

),

final as (

    select
        pairs.challenger_version,
        pairs.incumbent_version,
        pairs.incumbent_state,
        training_plan.incumbent_promotion_id,
        training_plan.newest_label_date,
        coalesce(challenger.row_count, 0) as row_count,
        coalesce(challenger.attrition_count, 0) as attrition_count,
        {%- for metric in metrics %}
        challenger.{{ metric }} as challenger_{{ metric }},
        incumbent.{{ metric }} as incumbent_{{ metric }},
        {%- endfor %}
        {%- for metric, better in deciding.items() %}
        {%- for end in ['lower', 'upper'] %}
        {{ '' if better == 'desc' else '-' }}(
            challenger.{{ metric }} - incumbent.{{ metric }}
        ) + gain_shifts.{{ metric }}_{{ end }} as {{ metric }}_gain_{{ end }},
        {%- endfor %}
        best_baselines.{{ metric }}_best_baseline,
        best_baselines.{{ metric }}_best_baseline_value,
        {%- endfor %}
        standard_errors.roc_auc_standard_error as challenger_roc_auc_standard_error
    from pairs
    cross join training_plan
    cross join best_baselines
    left join metrics as challenger
        on challenger.side = 'challenger'
    left join metrics as incumbent
        on incumbent.side = 'incumbent'
    left join standard_errors
        on challenger.side = standard_errors.side
    left join gain_shifts
        on challenger.side = gain_shifts.side

)

select * from final
