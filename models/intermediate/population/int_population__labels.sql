{%- set horizon = attrition.setting('attrition_horizon') -%}
{%- set measures = {
    'is_attrition_c': 'consumable_purchase_count',
    'is_attrition_s': 'sensor_purchase_count',
    'is_attrition_cs': 'consumable_purchase_count + sensor_purchase_count',
} -%}

with grid as (

    select * from {{ ref('int_population__grid') }}

),

spine as (

    select * from {{ ref('int_population__spine') }}

),

-- The label window starts with the snapshot's own bucket: as_of_date <= date.
futures as (

    select
        customer_id,
        bucket,
        {%- for label, measure in measures.items() %}
        lead({{ measure }}, {{ horizon }}) over (
            partition by customer_id order by bucket
        ) - ({{ measure }}) as {{ label }}_purchase_count
        {{- "," if not loop.last }}
        {%- endfor %}
    from grid

),

final as (

    select
        spine.customer_id,
        spine.as_of_date,
        {{ attrition.add_buckets('spine.as_of_date', horizon) }} as label_matures_on,
        {%- for label in measures %}
        case
            when not spine.is_matured then null
            when futures.{{ label }}_purchase_count > 0 then 0
            else 1
        end as {{ label }}
        {{- "," if not loop.last }}
        {%- endfor %}
    from spine
    inner join futures
        on
            spine.customer_id = futures.customer_id
            and spine.bucket = futures.bucket

)

select * from final
