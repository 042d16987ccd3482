with predictions as (

    select * from {{ ref('ml_predictions') }}

),

reasons as (

    select * from {{ ref('attrition_reasons') }}

),

first_reasons as (

    select
        customer_id
        {%- for position in range(1, 4) %}
        {%- for column in ['feature', 'feature_value', 'contribution', 'reason_text'] %},
        max(case when reason_rank = {{ position }} then {{ column }} end)
            as {{ column }}_{{ position }}
        {%- endfor %}
        {%- endfor %}
    from reasons
    group by customer_id

),

final as (

    select
        predictions.customer_id,
        predictions.as_of_date,
        predictions.probability as attrition_probability,
        predictions.decision = 1 as is_predicted_attrition,
        cast(ntile(10) over (
            order by predictions.probability desc, predictions.customer_id asc
        ) as integer) as risk_decile,
        {%- for position in range(1, 4) %}
        first_reasons.reason_text_{{ position }} as reason_{{ position }}_text,
        first_reasons.feature_{{ position }} as reason_{{ position }}_feature,
        first_reasons.feature_value_{{ position }} as reason_{{ position }}_value,
        first_reasons.contribution_{{ position }} as reason_{{ position }}_contribution,
        {%- endfor %}
        predictions.version_id as model_version,
        cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}' as timestamp)
            as scored_at,
        cast('{{ invocation_id }}' as {{ dbt.type_string() }}) as run_id
    from predictions
    left join first_reasons
        on predictions.customer_id = first_reasons.customer_id

)

select * from final
