{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    full_refresh=false
) }}

{%- set promotion = attrition.setting('promotion') %}
{%- set gate = attrition.settings_fingerprint(['promotion']) %}
{%- set metric = promotion.metric %}
{%- set needed_gain = 'more than 0' if promotion.min_gain <= 0
    else 'at least ' ~ promotion.min_gain %}
{%- set is_lower_better = attrition.deciding_metrics()[metric] == 'asc' %}
{%- set least_gain = [promotion.min_gain, 0] | max %}
{%- set max_ece = promotion.get('max_ece') %}

with comparison as (

    select * from {{ ref('int_evaluation__comparison') }}

),

versions as (

    select max(version_number) as newest_version_number
    from {{ ref('attrition_model_artefacts') }}

),

judged as (

    select
        md5(
            challenger_version
            || '|' || coalesce(incumbent_version, '')
            || '|' || {{ attrition.date_text('newest_label_date') }}
            -- one pair may meet again under a later reign of the same champion
            || '|' || coalesce(incumbent_promotion_id, '')
            -- and again when the gate asks for something else
            || '|' || '{{ gate }}'
        ) as promotion_id,
        challenger_version,
        incumbent_version,
        incumbent_state,
        newest_label_date,
        row_count,
        attrition_count,
        challenger_{{ metric }} as challenger_value,
        incumbent_{{ metric }} as incumbent_value,
        {%- if is_lower_better %}
        incumbent_{{ metric }} - challenger_{{ metric }} as gain,
        {%- else %}
        challenger_{{ metric }} - incumbent_{{ metric }} as gain,
        {%- endif %}
        {{ metric }}_gain_lower as gain_lower,
        {{ metric }}_gain_upper as gain_upper,
        {{ metric }}_best_baseline as best_baseline,
        {{ metric }}_best_baseline_value as best_baseline_value,
        challenger_ece as ece,
        challenger_roc_auc as roc_auc,
        challenger_roc_auc_lower as lowest_roc_auc,
        challenger_roc_auc_upper as highest_roc_auc
    from comparison

),

-- the first rule that applies decides
ruled as (

    select
        promotion_id,
        case
            when row_count < {{ promotion.min_rows }} then 'too_few_rows'
            when attrition_count < {{ promotion.min_attritions }}
                then 'too_few_attritions'
            when roc_auc is null then 'one_outcome'
            when lowest_roc_auc <= 0.5 then 'no_signal'
            when highest_roc_auc < {{ promotion.min_roc_auc }} then 'little_signal'
            {%- if promotion.beat_baselines %}
            when
                challenger_value
                {{ '>=' if is_lower_better else '<=' }} best_baseline_value
                then 'not_beyond_baselines'
            {%- endif %}
            {%- if max_ece is not none %}
            when ece > {{ max_ece }} then 'off_level'
            {%- endif %}
            when incumbent_state = 'none' then 'first_version'
            when incumbent_state <> 'comparable' then incumbent_state
            when coalesce(gain <= 0 or gain < {{ promotion.min_gain }}, true)
                then 'not_better'
            {%- if promotion.evidence == 'interval' %}
            when coalesce(gain_lower <= {{ least_gain }}, true) then 'unsure'
            {%- endif %}
            else 'better'
        end as verdict
    from judged

),

texts as (

    select
        promotion_id,
        row_count || ' test rows' as row_text,
        attrition_count || ' attritions' as attrition_text,
        {{ attrition.number_text('roc_auc') }} as roc_auc_text,
        {{ attrition.number_text('lowest_roc_auc') }} as lowest_roc_auc_text,
        {{ attrition.number_text('highest_roc_auc') }} as highest_roc_auc_text,
        '{{ metric }} ' || {{ attrition.number_text('challenger_value', 4) }}
            as value_text,
        {{ attrition.number_text('incumbent_value', 4) }} as incumbent_text,
        {{ attrition.number_text('gain', 5) }} as gain_text,
        coalesce(
            '; 95 % interval of the gain '
            || {{ attrition.number_text('gain_lower', 5) }}
            || ' to ' || {{ attrition.number_text('gain_upper', 5) }},
            ''
        ) as interval_text,
        {{ attrition.number_text('best_baseline_value', 4) }} as baseline_text,
        {{ attrition.number_text('ece', 4) }} as ece_text,
        case
            when best_baseline_value {{ '<' if is_lower_better else '>' }} challenger_value
                then
                    '; ' || best_baseline || ' alone has '
                    || {{ attrition.number_text('best_baseline_value', 4) }}
            else ''
        end as ahead_text
    from judged

),

explained as (

    select
        judged.promotion_id,
        case
            when ruled.verdict in (
                'too_few_rows', 'too_few_attritions', 'one_outcome', 'no_signal',
                'little_signal', 'not_beyond_baselines', 'off_level', 'not_better', 'unsure'
            )
                then 'kept'
            else 'promoted'
        end as decision,
        case ruled.verdict
            when 'too_few_rows' then
                'no automatic promotion: ' || texts.row_text
                || ', at least {{ promotion.min_rows }} are needed'
            when 'too_few_attritions' then
                'no automatic promotion: ' || texts.attrition_text || ' in '
                || texts.row_text
                || ', at least {{ promotion.min_attritions }} are needed'
            when 'one_outcome' then
                'there is nothing to learn here: the same outcome in all '
                || texts.row_text
            when 'no_signal' then
                'there is nothing to learn here: roc_auc ' || texts.roc_auc_text
                || ' on ' || texts.row_text || ' may be as low as '
                || texts.lowest_roc_auc_text || ', and guessing has 0.5'
            when 'little_signal' then
                'there is next to nothing to learn here: roc_auc ' || texts.roc_auc_text
                || ' on ' || texts.row_text || ' is ' || texts.highest_roc_auc_text
                || ' at best, promotion.min_roc_auc asks for {{ promotion.min_roc_auc }}'
                || ', and guessing has 0.5'
            when 'not_beyond_baselines' then
                'no better than a baseline: ' || texts.value_text || ' on '
                || texts.row_text || ', where ' || judged.best_baseline || ' has '
                || texts.baseline_text
                || ', and promotion.beat_baselines asks for better'
            when 'off_level' then
                'probabilities are off: ece ' || texts.ece_text || ' on '
                || texts.row_text || ', promotion.max_ece allows {{ max_ece }}'
            when 'first_version' then
                'first version: ' || texts.value_text || ' on ' || texts.row_text
            when 'other_task' then
                'champion ' || judged.incumbent_version
                || ' answers another question: ' || texts.value_text || ' on '
                || texts.row_text
            when 'not_scored' then
                'champion ' || judged.incumbent_version
                || ' cannot be applied to this dataset: ' || texts.value_text || ' on '
                || texts.row_text
            when 'later_labels' then
                'champion ' || judged.incumbent_version
                || ' has learnt from later labels than this data has: '
                || texts.value_text || ' on ' || texts.row_text
            when 'not_held_out' then
                'champion ' || judged.incumbent_version
                || ' has learnt from all of these rows: ' || texts.value_text || ' on '
                || texts.row_text
            when 'not_selected' then
                'champion ' || judged.incumbent_version
                || ' uses features that the settings leave out: ' || texts.value_text
                || ' on ' || texts.row_text
            when 'same_model' then
                'the same model as champion ' || judged.incumbent_version
                || ', with the calibration, threshold and refit of the settings: '
                || texts.value_text || ' on ' || texts.row_text
            when 'better' then
                texts.value_text || ' against ' || texts.incumbent_text || ' on '
                || texts.row_text || ': better by ' || texts.gain_text
                || texts.interval_text
            when 'unsure' then
                texts.value_text || ' against ' || texts.incumbent_text || ' on '
                || texts.row_text || ': a gain of ' || texts.gain_text
                || ', and promotion.evidence wants its whole interval above '
                || '{{ least_gain }}'
                || texts.interval_text
            when 'not_better' then
                texts.value_text || ' against ' || texts.incumbent_text || ' on '
                || texts.row_text || ': a gain of ' || texts.gain_text
                || ', {{ needed_gain }} is needed' || texts.interval_text
        end as reason,
        texts.ahead_text
    from judged
    inner join ruled on judged.promotion_id = ruled.promotion_id
    inner join texts on judged.promotion_id = texts.promotion_id

),

final as (

    select
        judged.promotion_id,
        {{ attrition.highest_number('promotion_number') }}
        + row_number() over (order by judged.promotion_id) as promotion_number,
        versions.newest_version_number,
        cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") }}' as timestamp)
            as decided_at,
        '{{ invocation_id }}' as run_id,
        judged.challenger_version,
        judged.incumbent_version,
        judged.newest_label_date,
        '{{ metric }}' as metric,
        judged.challenger_value,
        judged.incumbent_value,
        judged.gain,
        judged.gain_lower,
        judged.gain_upper,
        judged.best_baseline,
        judged.best_baseline_value,
        judged.row_count,
        judged.attrition_count,
        explained.decision,
        'gate' as decided_by,
        '{{ gate }}' as gate_fingerprint,
        explained.reason
        || case when explained.decision = 'promoted' then explained.ahead_text else '' end
            as reason
    from judged
    inner join explained on judged.promotion_id = explained.promotion_id
    cross join versions
    where {{ attrition.is_new_key('judged', ['promotion_id']) }}

)

select * from final
