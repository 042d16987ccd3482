with fair_rows as (

    select * from {{ ref('int_evaluation__fair_rows') }}

),

metrics as (

    {{ attrition.binary_metrics('fair_rows', ['contestant']) }}

),

-- what the gate can ask about
final as (

    select
        contestant,
        row_count,
        attrition_count,
        {{ attrition.deciding_metrics().keys() | join(',\n        ') }},
        ece
    from metrics

)

select * from final
