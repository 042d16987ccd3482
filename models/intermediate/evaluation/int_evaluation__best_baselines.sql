{%- set deciding = attrition.deciding_metrics() %}

with fair_metrics as (

    select * from {{ ref('int_evaluation__fair_metrics') }}
    where contestant not in ('challenger', 'incumbent')

),

ranked as (

    select
        *
        {%- for metric, better in deciding.items() %},
        row_number() over (
            order by {{ metric }} {{ better }} nulls last, contestant asc
        ) as {{ metric }}_place
        {%- endfor %}
    from fair_metrics

),

final as (

    select
        {%- for metric in deciding %}
        max(case when {{ metric }}_place = 1 then contestant end)
            as {{ metric }}_best_baseline,
        max(case when {{ metric }}_place = 1 then {{ metric }} end)
            as {{ metric }}_best_baseline_value
        {{- "," if not loop.last }}
        {%- endfor %}
    from ranked

)

select * from final
