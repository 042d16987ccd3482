{% macro customer_bands(vectors) -%}
    {%- set window = attrition.window_suffix(attrition.setting('lookback_windows') | max) -%}
    {%- set traits = attrition.segment_names()[2:] -%}
    select
        customer_id,
        as_of_date,
        {%- for trait in traits %}
        coalesce({{ trait }}, 'unknown') as {{ trait }},
        {%- endfor %}
        coalesce({{ attrition.tenure_band('active_months') }}, 'unknown') as tenure_band,
        case
            when bought is null then 'unknown'
            when bought_quarter = 0 then 'lowest quarter'
            when bought_quarter = 1 then 'second quarter'
            when bought_quarter = 2 then 'third quarter'
            else 'highest quarter'
        end as value_band
    from (
        select
            *,
            -- customers who bought the same stay in one band
            floor(4 * {{ attrition.ratio(
                'rank() over (partition by as_of_date order by bought) - 1',
                'count(*) over (partition by as_of_date)'
            ) }}) as bought_quarter
        from (
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
        ) as customers
    ) as ranked
{%- endmacro %}
