{% macro bucket_sum(measure, buckets, skip=0) -%}
    {#- Sum over the `buckets` buckets that end `skip` buckets before the snapshot's own.
        The grid is dense, so rows are buckets; nothing recorded means zero. -#}
    coalesce(sum({{ measure }}) over (
        partition by customer_id
        order by bucket
        rows between {{ buckets + skip }} preceding and {{ skip + 1 }} preceding
    ), 0)
{%- endmacro %}
