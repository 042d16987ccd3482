with vectors as (

    select * from {{ ref('int_features__vector') }}

),

final as (

    {{ attrition.customer_bands('vectors') }}

)

select * from final
