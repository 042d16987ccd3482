{%- set horizon = attrition.setting('attrition_horizon') -%}
{%- set value_of_customer = attrition.setting('threshold').get('value_of_customer') -%}

with sales as (

    select * from {{ ref('int_records__sales') }}

),

buckets as (

    select * from {{ ref('int_population__buckets') }}

),

segments as (

    select * from {{ ref('int_forecast__segments') }}

),

newest as (

    select bucket as newest_bucket
    from buckets
    where is_newest_snapshot

),

sale_buckets as (

    select
        customer_id,
        {{ attrition.bucket_of('sold_on') }} as bucket,
        amount
    from sales
    where is_target_purchase

),

-- the bucket of the newest snapshot has not ended
purchases as (

    select
        sale_buckets.customer_id,
        sale_buckets.bucket,
        sum(sale_buckets.amount) as amount
    from sale_buckets
    cross join newest
    where sale_buckets.bucket < newest.newest_bucket
    group by sale_buckets.customer_id, sale_buckets.bucket

),

spells as (

    select
        customer_id,
        bucket,
        lead(bucket) over (partition by customer_id order by bucket) as next_bucket,
        bucket - min(bucket) over (partition by customer_id) as known_buckets,
        count(*) over (
            partition by customer_id
            order by bucket
            range between {{ 2 * horizon - 1 }} preceding and current row
        ) as purchase_buckets,
        sum(amount) over (
            partition by customer_id
            order by bucket
            range between {{ horizon - 1 }} preceding and current row
        ) as amount
    from purchases

),

-- How often they buy: half a bucket of purchases fewer, among the buckets that are known
-- of the last two horizons and one horizon more, so that little is made of a short past.
frequencies as (

    select
        *,
        {{ attrition.ratio(
            'purchase_buckets - 0.5',
            'least(known_buckets, ' ~ (2 * horizon - 1) ~ ') + ' ~ horizon
        ) }} as frequency
    from spells

),

final as (

    select
        frequencies.customer_id,
        frequencies.bucket,
        frequencies.next_bucket,
        case
            when frequencies.known_buckets = 0 then 0
            {%- for limit in [0.5, 0.35355, 0.25, 0.17678, 0.125, 0.08839, 0.0625] %}
            when frequencies.frequency >= {{ limit }} then {{ loop.index }}
            {%- endfor %}
            else 8
        end as frequency_band,
        cast(case
            when (select max(amount) from purchases) > 0 then frequencies.amount
            {%- if value_of_customer is not none %}
            else {{ value_of_customer }}
            {%- endif %}
        end as decimal(38, 4)) as worth,
        {%- for segment in attrition.segment_names() %}
        coalesce(segments.{{ segment }}, 'unknown') as {{ segment }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from frequencies
    left join buckets
        on frequencies.bucket + 1 = buckets.bucket
    -- as they were at the first snapshot that knows of the purchase
    left join segments
        on
            frequencies.customer_id = segments.customer_id
            and buckets.as_of_date = segments.as_of_date

)

select * from final
