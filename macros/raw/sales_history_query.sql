{% macro sales_history_query(relation) %}
    {#- Days and time buckets of the accepted sales in raw records: one row, nulls where
        there is no sale. -#}
    {%- set start_month = attrition.setting('start_month') -%}
    {%- set max_month = attrition.setting('max_month') -%}
    {%- set after_the_last -%}
        {{ attrition.bucket_of(dbt.dateadd('day', 1, 'last_day')) }}
    {%- endset -%}
    with bounds as (
        {{ attrition.accepted_sales_bounds(relation) }}
    ),

    buckets as (
        select
            first_day,
            last_day,
            {{ attrition.bucket_of('first_day') }} as first_bucket,
            {% if max_month -%}
            least({{ after_the_last }}, {{ attrition.last_bucket_in(max_month) }})
            {%- else -%}
            {{ after_the_last }}
            {%- endif %} as newest_bucket,
            {{ attrition.first_bucket_in(start_month) if start_month
                else 'cast(null as integer)' }} as start_bucket
        from bounds
    )

    select
        *,
        {{ attrition.bucket_start('first_bucket + 1') }} as first_snapshot,
        {{ attrition.bucket_start('newest_bucket') }} as newest_snapshot
    from buckets
{% endmacro %}
