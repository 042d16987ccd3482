{{ config(post_hook="{{ attrition.check_history(this) }}") }}

{%- set longest_window =
    (attrition.setting('lookback_windows') | max) + attrition.buckets_in_months(18) -%}

with sales as (

    select * from {{ ref('int_records__sales') }}

),

reach as (

    select
        min(sold_on) as first_sale_on,
        max(sold_on) as last_sale_on
    from sales

),

-- The newest snapshot is taken on the first day of a bucket with every day before it
-- in the data: the day after the last sale, or the bucket's start before that.
newest as (

    select
        {% if attrition.setting('max_month') -%}
        -- later days are not used for labels either: a build as of that month
        case
            -- least of nothing and a month is nothing on Snowflake, and that month on DuckDB
            when last_sale_on is not null
                then least(
                    {{ attrition.bucket_of(dbt.dateadd('day', 1, 'last_sale_on')) }},
                    {{ attrition.last_bucket_in(attrition.setting('max_month')) }}
                )
        end
        {%- else -%}
        {{ attrition.bucket_of(dbt.dateadd('day', 1, 'last_sale_on')) }}
        {%- endif %} as newest_bucket,
        -- the windows of the first snapshots reach before it
        {{ attrition.bucket_of('first_sale_on') }} - {{ longest_window }} as first_bucket
    from reach

),

numbers as (

    {{ dbt.generate_series(8192) }}

),

buckets as (

    select
        newest_bucket - cast(generated_number as integer) + 1 as bucket,
        first_bucket,
        newest_bucket
    from numbers
    cross join newest

),

final as (

    select
        bucket,
        {{ attrition.bucket_start('bucket') }} as as_of_date,
        {% if attrition.setting('start_month') -%}
        bucket >= {{ attrition.first_bucket_in(attrition.setting('start_month')) }}
        {%- else -%}
        true
        {%- endif %} as is_snapshot,
        bucket = newest_bucket as is_newest_snapshot,
        bucket + {{ attrition.setting('attrition_horizon') }} <= newest_bucket as is_matured
    from buckets
    where bucket >= greatest(0, first_bucket)
)

select * from final
