{#- What acting costs and brings, as in `attrition_profit_curve`; what is not set counts as said. -#}
{%- set money = attrition.setting('threshold') -%}
{%- set value_of_customer = money.get('value_of_customer') -%}
{%- set success_rate = money.get('success_rate') -%}
{%- set cost_of_contact = money.get('cost_of_contact') -%}
{%- set success_text = 'success_rate ' ~ success_rate if success_rate is not none
    else 'success_rate is not set and counts as 1' -%}
{%- set cost_text = 'cost_of_contact ' ~ cost_of_contact if cost_of_contact is not none
    else 'cost_of_contact is not set and counts as 0' -%}
{%- set rates_text = success_text ~ '; ' ~ cost_text -%}
{%- set amounts_text = 'own amounts of the last '
    ~ attrition.buckets_text(attrition.setting('attrition_horizon')) ~ '; ' ~ rates_text -%}
{%- set other_text = 'no amounts, value_of_customer ' ~ value_of_customer ~ '; ' ~ rates_text
    if value_of_customer is not none
    else 'no amounts, and value_of_customer is not set: ranked by risk' -%}

with predictions as (

    select * from {{ ref('int_scoring__predictions') }}

),

customers as (

    select * from {{ ref('int_scoring__customers') }}

),

months_left as (

    select * from {{ ref('int_forecast__months_left') }}

),

reasons as (

    select * from {{ ref('attrition_reasons') }}

),

versions as (

    select * from {{ ref('attrition_model_artefacts') }}

),

history as (

    select
        customer_id,
        as_of_date,
        attrition_probability,
        is_predicted_attrition,
        model_version,
        scored_at,
        role,
        is_hindsight
    from {{ attrition.previous_state('attrition_score_history', {
        'customer_id': dbt.type_string(),
        'as_of_date': 'date',
        'attrition_probability': 'double',
        'is_predicted_attrition': 'boolean',
        'model_version': dbt.type_string(),
        'scored_at': dbt.type_timestamp(),
        'role': dbt.type_string(),
        'is_hindsight': 'boolean',
    }) }}

),

first_reasons as (

    select
        customer_id
        {%- for position in range(1, 4) %}
        {%- for column in [
            'reason_text', 'feature', 'feature_value', 'usual_value', 'contribution',
            'contribution_share'
        ] %},
        max(case when reason_rank = {{ position }} then {{ column }} end)
            as {{ column }}_{{ position }}
        {%- endfor %}
        {%- endfor %}
    from reasons
    group by customer_id

),

snapshot as (

    select max(as_of_date) as as_of_date from predictions

),

-- what was known of an older snapshot at its time
given_before as (

    select history.*
    from history
    inner join snapshot
        on history.as_of_date < snapshot.as_of_date
    where
        coalesce(history.role, 'champion') = 'champion'
        and not coalesce(history.is_hindsight, false)

),

snapshot_before as (

    select max(as_of_date) as as_of_date from given_before

),

ranked_before as (

    select
        given_before.*,
        row_number() over (
            partition by given_before.customer_id
            order by given_before.scored_at desc, given_before.model_version asc
        ) as recency
    from given_before
    inner join snapshot_before
        on given_before.as_of_date = snapshot_before.as_of_date

),

last_scores as (

    select * from ranked_before
    where recency = 1

),

valued as (

    select
        predictions.customer_id,
        predictions.as_of_date,
        predictions.version_id,
        predictions.probability,
        predictions.decision = 1 as is_predicted,
        case
            when predictions.decision = 1 then 'high'
            when predictions.probability * 2 >= versions.decision_threshold then 'medium'
            else 'low'
        end as risk_band,
        case
            when max(customers.recent_amount) over () > 0
                then cast(customers.recent_amount as double)
            else cast({{ value_of_customer if value_of_customer is not none else 'null' }}
                as double)
        end as customer_value,
        case
            when max(customers.recent_amount) over () > 0 then '{{ amounts_text }}'
            else '{{ other_text }}'
        end as gain_basis
    from predictions
    inner join customers
        on predictions.customer_id = customers.customer_id
    inner join versions
        on predictions.version_id = versions.version_id

),

gained as (

    select
        *,
        probability * customer_value as value_at_risk,
        probability * {{ success_rate if success_rate is not none else 1 }} * customer_value
        - {{ cost_of_contact if cost_of_contact is not none else 0 }} as expected_gain
    from valued

),

final as (

    select
        gained.customer_id,
        gained.as_of_date,
        gained.probability as attrition_probability,
        gained.is_predicted as is_predicted_attrition,
        cast(ntile(10) over (
            order by gained.probability desc, gained.customer_id asc
        ) as integer) as risk_decile,
        cast(gained.risk_band as {{ dbt.type_string() }}) as risk_band,
        cast(row_number() over (
            order by gained.probability desc, gained.customer_id asc
        ) as integer) as risk_rank,
        gained.customer_value,
        gained.value_at_risk,
        gained.expected_gain,
        cast(row_number() over (
            order by
                gained.expected_gain desc nulls last,
                gained.probability desc,
                gained.customer_id asc
        ) as integer) as gain_rank,
        cast(gained.gain_basis as {{ dbt.type_string() }}) as gain_basis,
        last_scores.attrition_probability as probability_before,
        gained.probability - last_scores.attrition_probability as probability_change,
        case
            when snapshot_before.as_of_date is not null
                then
                    gained.is_predicted
                    and not coalesce(last_scores.is_predicted_attrition, false)
        end as is_new_on_list,
        case
            when snapshot_before.as_of_date is not null
                then
                    not gained.is_predicted
                    and coalesce(last_scores.is_predicted_attrition, false)
        end as has_left_list,
        cast(months_left.expected_months_left as double) as expected_months_left,
        {%- for position in range(1, 4) %}
        first_reasons.reason_text_{{ position }} as reason_{{ position }}_text,
        first_reasons.feature_{{ position }} as reason_{{ position }}_feature,
        first_reasons.feature_value_{{ position }} as reason_{{ position }}_value,
        first_reasons.usual_value_{{ position }} as reason_{{ position }}_usual,
        first_reasons.contribution_{{ position }} as reason_{{ position }}_contribution,
        first_reasons.contribution_share_{{ position }} as reason_{{ position }}_share,
        {%- endfor %}
        gained.version_id as model_version,
        cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}' as timestamp)
            as scored_at,
        cast('{{ invocation_id }}' as {{ dbt.type_string() }}) as run_id
    from gained
    cross join snapshot_before
    left join last_scores
        on gained.customer_id = last_scores.customer_id
    left join months_left
        on gained.customer_id = months_left.customer_id
    left join first_reasons
        on gained.customer_id = first_reasons.customer_id

)

select * from final
