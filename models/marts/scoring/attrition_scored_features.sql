{#- Which columns there are depends on the settings, so descriptions cannot travel along. -#}
{{ config(materialized='view', persist_docs={'relation': true, 'columns': false}) }}

with scores as (

    select * from {{ ref('attrition_scores') }}

),

dataset as (

    select * from {{ ref('modeling_dataset') }}

),

final as (

    select
        scores.customer_id,
        scores.as_of_date,
        scores.model_version,
        scores.attrition_probability
        {%- for feature in attrition.dataset_features() %},
        dataset.{{ feature }}
        {%- endfor %}
    from scores
    inner join dataset
        on
            scores.customer_id = dataset.customer_id
            and scores.as_of_date = dataset.as_of_date

)

select * from final
