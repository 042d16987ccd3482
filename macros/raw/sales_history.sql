{% macro sales_history(buckets) %}
    {#- How far the accepted sales reach, and the time buckets that the settings make of it. -#}
    {%- set start_month = attrition.setting('start_month') -%}
    {%- set history = {} -%}
    {%- set found -%}
    with reach as (
        select
            min(sold_on) as first_day,
            max(sold_on) as last_day
        from {{ ref('int_records__sales') }}
    ),

    newest as (
        select
            bucket as newest_bucket,
            as_of_date as newest_snapshot
        from {{ buckets }}
        where is_newest_snapshot
    ),

    numbered as (
        select
            *,
            {{ attrition.bucket_of('first_day') }} as first_bucket
        from reach
        cross join newest
    )

    select
        *,
        {{ attrition.bucket_start('first_bucket + 1') }} as first_snapshot,
        {{ attrition.first_bucket_in(start_month) if start_month else 'first_bucket' }}
            as start_bucket
    from numbered
    {%- endset -%}
    {%- for row in run_query(found).rows -%}
        {%- for name in row.keys() -%}
            {%- do history.update({name | lower: row[name]}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {% do return(history) %}
{% endmacro %}
