{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    full_refresh=false
) }}

{%- set key = ['version_id', 'newest_label_date'] %}
{%- set money = ['cost_of_contact', 'value_of_customer', 'success_rate'] %}
{%- set changes = {'half': 0.5, 'one and a half times': 1.5} %}

with predictions as (

    select * from {{ ref('int_evaluation__predictions') }}

),

versions as (

    select * from {{ ref('attrition_model_artefacts') }}

),

-- what acting costs and brings by the settings of the version, where they say it
prices as (

    select
        version_id,
        decision_threshold,
        {%- for name in money %}
        cast({{ attrition.json_text('settings', 'threshold.' ~ name) }} as double)
            as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from versions

),

priced_versions as (

    select *
    from prices
    where
        cost_of_contact is not null
        and value_of_customer is not null
        and success_rate is not null

),

scenarios as (

    select
        version_id,
        'as set' as scenario,
        cost_of_contact,
        value_of_customer,
        success_rate
    from priced_versions
    {%- for changed in money %}
    {%- for change, factor in changes.items() %}

    union all

    select
        version_id,
        '{{ changed }} {{ change }}' as scenario,
        {%- for name in money %}
        {% set factored = name ~ ' * ' ~ factor if name == changed else name -%}
        {{ 'least(1.0, ' ~ factored ~ ')' if name == 'success_rate' else factored }} as
        {{- ' ' ~ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from priced_versions
    {%- endfor %}
    {%- endfor %}

),

new_predictions as (

    select
        predictions.version_id,
        predictions.newest_label_date,
        predictions.is_attrition,
        predictions.probability
    from predictions
    inner join priced_versions
        on predictions.version_id = priced_versions.version_id
    where
        predictions.system = 'model'
        and predictions.split = 'test'
        and {{ attrition.is_new_key('predictions', key) }}

),

thresholds as (

    {{ attrition.cumulative_thresholds('new_predictions', key) }}

),

-- to contact nobody is a choice too
choices as (

    select
        version_id,
        newest_label_date,
        probability as threshold,
        rows_so_far as contacted_count,
        attritions_so_far as contacted_attrition_count,
        all_rows,
        all_attritions
    from thresholds

    union all

    select distinct
        version_id,
        newest_label_date,
        cast(null as double) as threshold,
        0 as contacted_count,
        0 as contacted_attrition_count,
        all_rows,
        all_attritions
    from thresholds

),

-- a hundred stretches of equal length along the ROC curve, as in attrition_model_curves
placed as (

    select
        choices.version_id,
        choices.newest_label_date,
        choices.threshold,
        choices.contacted_count,
        choices.contacted_attrition_count,
        row_number() over (
            partition by
                choices.version_id,
                choices.newest_label_date,
                ceil(50 * (
                    coalesce({{ attrition.ratio(
                        'choices.contacted_attrition_count', 'choices.all_attritions'
                    ) }}, 0)
                    + coalesce({{ attrition.ratio(
                        'choices.contacted_count - choices.contacted_attrition_count',
                        'choices.all_rows - choices.all_attritions'
                    ) }}, 0)
                ))
            order by choices.contacted_count desc
        ) as place,
        max(
            case
                when
                    choices.threshold is null
                    or choices.threshold >= priced_versions.decision_threshold
                    then choices.contacted_count
            end
        ) over (
            partition by choices.version_id, choices.newest_label_date
        ) as flagged_count
    from choices
    inner join priced_versions
        on choices.version_id = priced_versions.version_id

),

profits as (

    select
        placed.version_id,
        placed.newest_label_date,
        scenarios.scenario,
        placed.threshold,
        placed.contacted_count,
        placed.contacted_attrition_count,
        scenarios.cost_of_contact,
        scenarios.value_of_customer,
        scenarios.success_rate,
        placed.contacted_attrition_count
        * scenarios.success_rate * scenarios.value_of_customer
        - placed.contacted_count * scenarios.cost_of_contact as expected_profit,
        placed.place,
        placed.contacted_count = placed.flagged_count as is_decision_threshold
    from placed
    inner join scenarios on placed.version_id = scenarios.version_id

),

-- the same profit with fewer contacts is better
ranked as (

    select
        *,
        row_number() over (
            partition by version_id, newest_label_date, scenario
            order by expected_profit desc, contacted_count asc
        ) as profit_rank
    from profits

),

-- what is best in one scenario is shown in all of them
shown as (

    select
        *,
        min(profit_rank) over (
            partition by version_id, newest_label_date, contacted_count
        ) as best_rank
    from ranked

),

final as (

    select
        version_id,
        newest_label_date,
        scenario,
        cast(row_number() over (
            partition by version_id, newest_label_date, scenario
            order by contacted_count
        ) - 1 as integer) as point,
        threshold,
        cast(contacted_count as bigint) as contacted_count,
        cast(contacted_attrition_count as bigint) as contacted_attrition_count,
        cost_of_contact,
        value_of_customer,
        success_rate,
        expected_profit,
        {{ attrition.ratio('expected_profit', 'contacted_count') }} as profit_per_contact,
        is_decision_threshold,
        profit_rank = 1 as is_best
    from shown
    where
        place = 1
        or is_decision_threshold
        or best_rank = 1

)

select * from final
