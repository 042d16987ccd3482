with sales as (

    select * from {{ ref('int_records__sales') }}

),

reach as (

    select max(sold_on) as last_sale_on
    from sales

),

-- The newest snapshot is taken on the first day of a bucket with every day before it
-- in the data: the day after the last sale, or the bucket's start before that.
bounds as (

    select
        {{ attrition.bucket_of(dbt.dateadd('day', 1, 'last_sale_on')) }}
            as newest_whole_bucket
    from reach

),

newest as (

    select
        newest_whole_bucket,
        {% if attrition.setting('max_month') -%}
        least(newest_whole_bucket, {{ attrition.last_bucket_in(attrition.setting('max_month')) }})
        {%- else -%}
        newest_whole_bucket
        {%- endif %} as newest_snapshot_bucket
    from bounds

),

numbers as (

    {{ dbt.generate_series(8192) }}

),

buckets as (

    select
        newest_whole_bucket - cast(generated_number as integer) + 1 as bucket,
        newest_whole_bucket,
        newest_snapshot_bucket
    from numbers
    cross join newest

),

final as (

    select
        bucket,
        {{ attrition.bucket_start('bucket') }} as as_of_date,
        bucket <= newest_snapshot_bucket
        {%- if attrition.setting('start_month') %}
        and bucket >= {{ attrition.first_bucket_in(attrition.setting('start_month')) }}
        {%- endif %} as is_snapshot,
        bucket = newest_snapshot_bucket as is_newest_snapshot,
        bucket + {{ attrition.setting('attrition_horizon') }} <= newest_whole_bucket as is_matured
    from buckets
    where bucket >= 0
)

select * from final
