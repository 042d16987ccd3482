{% macro bucket_sum(total, buckets, skip=0) -%}
    {#- Sum over the `buckets` buckets that end `skip` buckets before the snapshot's own, as
        the difference of two running totals. A customer has a row for every bucket after
        the first event, so a row back is a bucket back, and before the first row is zero. -#}
    {{ attrition.total_before(total, skip) }}
    - {{ attrition.total_before(total, skip + buckets) }}
{%- endmacro %}
