with shadow_predictions as (

    {% if attrition.setting('shadow_versions') -%}
    select * from {{ ref('ml_shadow_predictions') }}
    {%- else -%}
    select
        cast(null as {{ dbt.type_string() }}) as version_id,
        cast(null as {{ dbt.type_string() }}) as customer_id,
        cast(null as date) as as_of_date,
        cast(null as double) as probability,
        cast(null as integer) as decision
    where false
    {%- endif %}

),

scores as (

    select * from {{ ref('attrition_scores') }}

),

final as (

    select
        shadow_predictions.customer_id,
        shadow_predictions.as_of_date,
        shadow_predictions.version_id as model_version,
        shadow_predictions.probability as attrition_probability,
        shadow_predictions.decision = 1 as is_predicted_attrition,
        cast(ntile(10) over (
            partition by shadow_predictions.version_id
            order by
                shadow_predictions.probability desc, shadow_predictions.customer_id asc
        ) as integer) as risk_decile,
        scores.model_version as champion_version,
        scores.attrition_probability as champion_probability,
        shadow_predictions.probability - scores.attrition_probability
            as probability_difference,
        cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}' as timestamp)
            as scored_at,
        cast('{{ invocation_id }}' as {{ dbt.type_string() }}) as run_id
    from shadow_predictions
    left join scores
        on
            shadow_predictions.customer_id = scores.customer_id
            and shadow_predictions.as_of_date = scores.as_of_date

)

select * from final
