{{ config(materialized='kept_table') }}

with contributions as (

    select * from {{ ref('ml_contributions') }}

),

final as (

    select
        customer_id,
        as_of_date,
        version_id as model_version,
        feature,
        feature_value,
        feature_number,
        contribution
    from contributions

)

select * from final
