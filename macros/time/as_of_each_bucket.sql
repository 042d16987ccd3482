{% macro as_of_each_bucket(totals, buckets) -%}
    {#- What the running totals of a customer's events were before each bucket. `totals`
        has a row per bucket with events and `next_bucket`; each of its rows holds from the
        bucket after it up to its next one, so that no customer has a bucket twice, and
        from the first event on none is missing. -#}
    select
        {{ totals }}.* exclude (bucket, next_bucket),
        {{ buckets }}.bucket,
        {{ buckets }}.as_of_date
    from {{ totals }}
    inner join {{ buckets }}
        on
            {{ totals }}.bucket < {{ buckets }}.bucket
            and {{ totals }}.next_bucket >= {{ buckets }}.bucket
{%- endmacro %}
