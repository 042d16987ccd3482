{%- set has_region = 'demographics' in attrition.setting('feature_domains') -%}
{%- set window = attrition.setting('lookback_windows') | max -%}

-- What there is to lose: each customer's money for consumables in the longest of the
-- `lookback_windows` times the probability that they leave, by region where it is
-- known.
with scores as (

    select * from {{ ref('attrition_scores') }}

),

dataset as (

    select * from {{ ref('modeling_dataset') }}

),

valued as (

    select
        scores.attrition_probability,
        scores.is_predicted_attrition,
        {% if has_region -%}
        coalesce(dataset.region, 'unknown') as region,
        {%- else -%}
        'all' as region,
        {%- endif %}
        cast(
            dataset.consumable_amount_{{ attrition.window_suffix(window) }} as double
        ) as amount
    from scores
    inner join dataset
        on
            scores.customer_id = dataset.customer_id
            and scores.as_of_date = dataset.as_of_date

),

final as (

    select
        region,
        count(*) as customer_count,
        count(case when is_predicted_attrition then 1 end) as predicted_count,
        round(sum(attrition_probability), 1) as expected_attritions,
        round(sum(amount), 0) as amount_in_window,
        round(sum(attrition_probability * amount), 0) as amount_at_risk,
        round(100 * sum(attrition_probability * amount) / nullif(sum(amount), 0), 1)
            as percent_at_risk
    from valued
    group by region

)

select * from final
order by amount_at_risk desc
