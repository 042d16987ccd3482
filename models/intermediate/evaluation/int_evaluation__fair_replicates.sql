with fair_rows as (

    select * from {{ ref('int_evaluation__fair_rows') }}
    where contestant in ('challenger', 'incumbent')

),

final as (

    {{ attrition.bootstrap_replicates('fair_rows', ['contestant']) }}

)

select * from final
