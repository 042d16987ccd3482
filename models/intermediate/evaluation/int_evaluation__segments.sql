{%- set window = attrition.window_suffix(attrition.setting('lookback_windows') | max) %}
{%- set traits = ['region', 'payer_type']
    if 'demographics' in attrition.setting('feature_domains') else [] %}

with predictions as (

    select * from {{ ref('int_evaluation__predictions') }}

),

vectors as (

    select * from {{ ref('int_features__vector') }}

),

judged as (

    select distinct
        customer_id,
        as_of_date
    from predictions
    where
        system = 'model'
        and split = 'test'

),

snapshots as (

    select distinct as_of_date from judged

),

-- a band is a place among all customers of the snapshot, judged or not
customers as (

    select
        vectors.customer_id,
        vectors.as_of_date,
        vectors.active_months,
        {%- for trait in traits %}
        vectors.{{ trait }},
        {%- endfor %}
        case
            when max(vectors.consumable_amount_{{ window }}) over () > 0
                then vectors.consumable_amount_{{ window }}
            -- records without amounts have orders to count
            else vectors.consumable_order_count_{{ window }}
        end as bought
    from vectors
    inner join snapshots on vectors.as_of_date = snapshots.as_of_date

),

ranked as (

    select
        *,
        -- customers who bought the same stay in one band
        floor(4 * {{ attrition.ratio(
            'rank() over (partition by as_of_date order by bought) - 1',
            'count(*) over (partition by as_of_date)'
        ) }}) as bought_quarter
    from customers

),

banded as (

    select
        ranked.customer_id,
        ranked.as_of_date,
        {%- for trait in traits %}
        ranked.{{ trait }},
        {%- endfor %}
        case
            when ranked.active_months < 6 then 'under 6 months'
            when ranked.active_months < 12 then '6 to 11 months'
            when ranked.active_months < 24 then '12 to 23 months'
            when ranked.active_months < 36 then '24 to 35 months'
            when ranked.active_months >= 36 then '36 months or more'
        end as tenure_band,
        case
            when ranked.bought is null then null
            when ranked.bought_quarter = 0 then 'lowest quarter'
            when ranked.bought_quarter = 1 then 'second quarter'
            when ranked.bought_quarter = 2 then 'third quarter'
            else 'highest quarter'
        end as value_band
    from ranked
    inner join judged
        on
            ranked.customer_id = judged.customer_id
            and ranked.as_of_date = judged.as_of_date

),

final as (
    {% for segment in ['tenure_band', 'value_band'] + traits %}
    select
        customer_id,
        as_of_date,
        '{{ segment }}' as segment,
        coalesce({{ segment }}, 'unknown') as segment_value
    from banded
    {{- "\n    union all" if not loop.last }}
    {%- endfor %}

)

select * from final
