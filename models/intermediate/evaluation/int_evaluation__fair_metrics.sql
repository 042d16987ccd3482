with fair_rows as (

    select * from {{ ref('int_evaluation__fair_rows') }}

),

final as (

    {{ attrition.binary_metrics('fair_rows', ['contestant']) }}

)

select * from final
