{% macro customer_segments(vectors) -%}
{%- set window = attrition.window_suffix(attrition.setting('lookback_windows') | max) -%}
{%- set traits = ['region', 'payer_type']
    if 'demographics' in attrition.setting('feature_domains') else [] -%}
with _attrition_customers as (
    select
        customer_id,
        as_of_date,
        active_months,
        {%- for trait in traits %}
        {{ trait }},
        {%- endfor %}
        case
            when max(consumable_amount_{{ window }}) over () > 0
                then consumable_amount_{{ window }}
            -- records without amounts have orders to count
            else consumable_order_count_{{ window }}
        end as bought
    from {{ vectors }}
),

_attrition_ranked as (
    select
        *,
        -- customers who bought the same stay in one band
        floor(4 * {{ attrition.ratio(
            'rank() over (partition by as_of_date order by bought) - 1',
            'count(*) over (partition by as_of_date)'
        ) }}) as bought_quarter
    from _attrition_customers
),

_attrition_banded as (
    select
        customer_id,
        as_of_date,
        {%- for trait in traits %}
        {{ trait }},
        {%- endfor %}
        {{ attrition.tenure_band('active_months') }} as tenure_band,
        case
            when bought is null then null
            when bought_quarter = 0 then 'lowest quarter'
            when bought_quarter = 1 then 'second quarter'
            when bought_quarter = 2 then 'third quarter'
            else 'highest quarter'
        end as value_band
    from _attrition_ranked
)

{% for segment in ['tenure_band', 'value_band'] + traits %}
select
    customer_id,
    as_of_date,
    '{{ segment }}' as segment,
    coalesce({{ segment }}, 'unknown') as segment_value
from _attrition_banded
{{ "union all" if not loop.last }}
{%- endfor %}
{%- endmacro %}
