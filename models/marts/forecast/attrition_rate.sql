{{ config(materialized='kept_table') }}

{%- set horizon = attrition.setting('attrition_horizon') -%}

with labels as (

    select * from {{ ref('int_population__labels') }}

),

buckets as (

    select * from {{ ref('int_population__buckets') }}

),

segments as (

    select * from {{ ref('int_forecast__segments') }}

),

spells as (

    select * from {{ ref('int_forecast__spells') }}

),

exposure as (

    select * from {{ ref('int_forecast__exposure') }}

),

snapshots as (

    select
        labels.customer_id,
        labels.as_of_date,
        labels.{{ attrition.setting('target') }} as is_attrition,
        buckets.bucket,
        {%- for segment in attrition.segment_names() %}
        segments.{{ segment }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from labels
    inner join buckets on labels.as_of_date = buckets.as_of_date
    inner join segments
        on
            labels.customer_id = segments.customer_id
            and labels.as_of_date = segments.as_of_date

),

-- of those who left, what they were worth when they last bought
lost as (

    select
        snapshots.customer_id,
        snapshots.as_of_date,
        spells.worth
    from snapshots
    inner join spells
        on
            snapshots.customer_id = spells.customer_id
            and snapshots.bucket > spells.bucket
            and snapshots.bucket <= coalesce(spells.next_bucket, 1000000)
    where snapshots.is_attrition = 1

),

valued as (

    select
        snapshots.*,
        lost.worth
    from snapshots
    left join lost
        on
            snapshots.customer_id = lost.customer_id
            and snapshots.as_of_date = lost.as_of_date

),

of_snapshots as (
    {% for segment in ['all'] + attrition.segment_names() %}
    select
        as_of_date,
        '{{ segment }}' as segment,
        {{ "'all'" if segment == 'all' else segment }} as segment_value,
        count(*) as customer_count,
        sum(is_attrition) as attrition_count,
        sum(worth) as worth
    from valued
    group by as_of_date{{ '' if segment == 'all' else ', ' ~ segment }}
    {{- "\n    union all" if not loop.last }}
    {%- endfor %}

),

of_buckets as (

    select
        as_of_date,
        segment,
        segment_value,
        sum(at_risk_count) as active_count,
        case
            when bucket - min(bucket) over () >= {{ horizon - 1 }}
                then sum(case
                    when silence = {{ horizon - 1 }} then at_risk_count - bought_count
                end)
        end as attrition_count,
        case
            when bucket - min(bucket) over () >= {{ horizon - 1 }}
                then sum(case
                    when silence = {{ horizon - 1 }} then at_risk_worth - bought_worth
                end)
        end as worth
    from exposure
    group by as_of_date, bucket, segment, segment_value

),

has_worth as (

    select count(worth) > 0 as has_worth from spells

),

keys as (

    select
        as_of_date,
        segment,
        segment_value
    from of_snapshots

    union distinct

    select
        as_of_date,
        segment,
        segment_value
    from of_buckets

),

final as (

    select
        keys.as_of_date,
        keys.segment,
        keys.segment_value,
        cast(of_snapshots.customer_count as bigint) as customer_count,
        cast(of_snapshots.attrition_count as bigint) as attrition_count,
        {{ attrition.ratio('of_snapshots.attrition_count', 'of_snapshots.customer_count') }}
            as attrition_rate,
        cast(case
            when has_worth.has_worth and of_snapshots.attrition_count is not null
                then coalesce(of_snapshots.worth, 0)
        end as double) as value_lost,
        cast(of_buckets.active_count as bigint) as active_count,
        cast(of_buckets.attrition_count as bigint) as bucket_attrition_count,
        {{ attrition.ratio('of_buckets.attrition_count', 'of_buckets.active_count') }}
            as bucket_attrition_rate,
        cast(case when has_worth.has_worth then of_buckets.worth end as double)
            as bucket_value_lost
    from keys
    cross join has_worth
    left join of_snapshots
        on
            keys.as_of_date = of_snapshots.as_of_date
            and keys.segment = of_snapshots.segment
            and keys.segment_value = of_snapshots.segment_value
    left join of_buckets
        on
            keys.as_of_date = of_buckets.as_of_date
            and keys.segment = of_buckets.segment
            and keys.segment_value = of_buckets.segment_value

)

select * from final
