{% macro recency_score(measure, buckets) -%}
    {#- Sum over the last n buckets with weights (n - k) / n for the bucket k back,
        k = 0 … n - 1. The bucket k back has number bucket - 1 - k, so that
        n - k = number + n + 1 - bucket, and two plain sums give the weighted one
        exactly, in integers. -#}
    (
        {{ attrition.bucket_sum(measure ~ ' * bucket', buckets) }}
        + ({{ buckets + 1 }} - bucket) * {{ attrition.bucket_sum(measure, buckets) }}
    ) / cast({{ buckets }} as double)
{%- endmacro %}
