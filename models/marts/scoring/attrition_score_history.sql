{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        full_refresh=false,
        on_schema_change='append_new_columns',
    )
}}

with scores as (

    select * from {{ ref('attrition_scores') }}

),

final as (

    select
        scores.customer_id,
        scores.as_of_date,
        scores.attrition_probability,
        scores.is_predicted_attrition,
        scores.risk_decile,
        scores.model_version,
        scores.scored_at,
        scores.run_id
    from scores
    {% if is_incremental() -%}
    left join {{ this }} as history
        on
            scores.customer_id = history.customer_id
            and scores.as_of_date = history.as_of_date
            and scores.model_version = history.model_version
    where history.customer_id is null
    {%- endif %}

)

select * from final
