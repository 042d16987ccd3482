{%- set retrain = attrition.setting('retrain') -%}
{%- set gate = attrition.settings_fingerprint(['promotion']) -%}
{%- set training_fingerprint = attrition.settings_fingerprint(
    attrition.training_settings(), {'features in use': attrition.features_in_use()}
) -%}
{%- set task_fingerprint = attrition.settings_fingerprint(attrition.task_settings()) -%}

-- A feature that gives the label away stops the build before anything is trained:
-- depends_on: {{ ref('attrition_feature_profile') }}

with versions as (

    select
        version_id,
        settings_fingerprint,
        task_fingerprint,
        newest_label_date,
        version_number
    from {{ attrition.previous_state('attrition_model_artefacts', {
        'version_id': dbt.type_string(),
        'settings_fingerprint': dbt.type_string(),
        'task_fingerprint': dbt.type_string(),
        'newest_label_date': 'date',
        'version_number': 'bigint',
    }) }}

),

promotions as (

    select
        promotion_id,
        challenger_version,
        incumbent_version,
        newest_label_date,
        decision,
        promotion_number,
        newest_version_number,
        decided_at,
        decided_by,
        gate_fingerprint
    from {{ attrition.previous_state('attrition_promotions', {
        'promotion_id': dbt.type_string(),
        'challenger_version': dbt.type_string(),
        'incumbent_version': dbt.type_string(),
        'newest_label_date': 'date',
        'decision': dbt.type_string(),
        'promotion_number': 'bigint',
        'newest_version_number': 'bigint',
        'decided_at': dbt.type_timestamp(),
        'decided_by': dbt.type_string(),
        'gate_fingerprint': dbt.type_string(),
    }) }}

),

bounds as (

    select * from {{ ref('int_population__split_bounds') }}

),

newest_snapshots as (

    select as_of_date as newest_as_of_date
    from {{ ref('int_population__buckets') }}
    where is_newest_snapshot

),

dataset as (

    select * from {{ ref('modeling_dataset') }}

),

labelled as (

    select
        count(case when is_fit then 1 end) as fit_row_count,
        cast(coalesce(sum(case when is_fit then is_attrition end), 0)
            as bigint) as fit_attrition_count,
        count(case when split = 'train' then 1 end) as train_row_count,
        count(case when split = 'validation' then 1 end) as validation_row_count,
        cast(coalesce(sum(case when split = 'train' then is_attrition end), 0)
            as bigint) as train_attrition_count,
        cast(coalesce(sum(case when split = 'validation' then is_attrition end), 0)
            as bigint) as validation_attrition_count,
        count(case when split = 'test' then 1 end) as test_row_count
    from dataset

),

champions as (

    {{ attrition.last_promotions(
        'promotions', 'versions', until='(select newest_label_date from bounds)'
    ) }}

),

incumbents as (

    select * from champions
    where task_fingerprint = '{{ task_fingerprint }}'

),

-- Earlier work on the same question: these settings, labels that reach as far.
matches as (

    select
        versions.version_id,
        versions.version_number,
        row_number() over (order by versions.version_number desc) as place
    from versions
    cross join bounds
    where
        versions.settings_fingerprint
        = '{{ training_fingerprint }}'
        and versions.newest_label_date = bounds.newest_label_date

),

situation as (

    select
        newest_snapshots.newest_as_of_date,
        bounds.newest_label_date,
        bounds.test_starts_on,
        bounds.validation_mode,
        labelled.*,
        incumbents.version_id as incumbent_version,
        incumbents.promotion_id as incumbent_promotion_id,
        incumbents.promotion_number as incumbent_promotion_number,
        incumbents.newest_version_number as newest_version_of_incumbent,
        coalesce(incumbents.decided_by = 'operator', false) as is_incumbent_by_operator,
        matches.version_id as challenger_version,
        matches.version_number as challenger_number,
        (select count(*) from versions) as version_count
    from bounds
    cross join labelled
    left join newest_snapshots
        on true
    left join incumbents
        on true
    left join matches
        on matches.place = 1

),

decided as (

    select
        *,
        case
            when newest_label_date is null
                then 'no training: no label window has ended in the data yet'
            when train_row_count = 0 or validation_row_count = 0
                then
                    'no training: ' || train_row_count || ' training and '
                    || validation_row_count
                    || ' validation rows remain before the test; a longer history, a'
                    || ' smaller test or a shorter horizon would leave some'
            when fit_attrition_count = 0
                then
                    'no training: none of ' || fit_row_count || ' rows to learn from is an'
                    || ' attrition; with nobody who left there is nothing to learn'
            when fit_attrition_count = fit_row_count
                then
                    'no training: all ' || fit_row_count || ' rows to learn from are'
                    || ' attritions; with nobody who came back there is nothing to learn'
            when
                train_attrition_count in (0, train_row_count)
                or validation_attrition_count in (0, validation_row_count)
                then
                    'no training: ' || train_attrition_count || ' of '
                    || train_row_count || ' training and '
                    || validation_attrition_count || ' of ' || validation_row_count
                    || ' validation rows are attritions; both kinds are needed in each'
        end as obstacle
    from situation

),

-- earlier judgements of this challenger under this reign
judged as (

    select count(*) as judgement_count
    from situation
    inner join promotions
        on
            situation.challenger_version = promotions.challenger_version
            and coalesce(situation.incumbent_version, '')
            = coalesce(promotions.incumbent_version, '')
            and situation.newest_label_date = promotions.newest_label_date
            -- what was kept is judged again when the gate asks for something else
            and (
                promotions.decision = 'promoted'
                or coalesce(promotions.gate_fingerprint, '{{ gate }}') = '{{ gate }}'
            )
            and (
                situation.incumbent_version is null
                or situation.incumbent_promotion_number < promotions.promotion_number
            )

),

final as (

    select
        cast({{ attrition.text_literal(tojson(attrition.settings(), sort_keys=true)) }}
            as {{ dbt.type_string() }}) as settings,
        cast('{{ training_fingerprint }}'
            as {{ dbt.type_string() }}) as settings_fingerprint,
        cast('{{ task_fingerprint }}'
            as {{ dbt.type_string() }}) as task_fingerprint,
        newest_as_of_date,
        newest_label_date,
        test_starts_on,
        cast(validation_mode as {{ dbt.type_string() }}) as validation_mode,
        cast(fit_row_count as bigint) as fit_row_count,
        cast(fit_attrition_count as bigint) as fit_attrition_count,
        cast(test_row_count as bigint) as test_row_count,
        {% if retrain == 'never' -%}
        false
        {%- elif retrain == 'always' -%}
        obstacle is null
        {%- else -%}
        obstacle is null and challenger_version is null
        {%- endif %} as is_due,
        cast(case
            when obstacle is not null then obstacle
            {% if retrain == 'never' -%}
            else 'no training: `retrain` is never'
            {%- elif retrain == 'always' -%}
            else 'training: `retrain` is always'
            {%- else -%}
            when challenger_version is not null
                then
                    'no training: version ' || challenger_version
                    || ' was trained with these settings on labels up to '
                    || {{ attrition.date_text('newest_label_date') }}
            when version_count = 0
                then 'training: there is no version yet'
            else
                'training: no version was trained with these settings on labels up to '
                || {{ attrition.date_text('newest_label_date') }}
            {%- endif %}
        end as {{ dbt.type_string() }}) as reason,
        cast(incumbent_version as {{ dbt.type_string() }}) as incumbent_version,
        cast(incumbent_promotion_id as {{ dbt.type_string() }})
            as incumbent_promotion_id,
        cast(challenger_version as {{ dbt.type_string() }}) as challenger_version,
        -- once under each champion; a champion that somebody chose is not challenged
        -- again by what there was already
        coalesce(
            challenger_version = incumbent_version
            or (
                is_incumbent_by_operator
                and challenger_number <= newest_version_of_incumbent
            )
            or judged.judgement_count > 0,
            false
        ) as is_judged,
        cast('{{ invocation_id }}' as {{ dbt.type_string() }}) as run_id
    from decided
    cross join judged

)

select * from final
