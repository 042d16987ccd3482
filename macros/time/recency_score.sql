{% macro recency_score(total, weighted_total, buckets) -%}
    {#- Sum over the last n buckets with weights (n - k) / n for the bucket k back,
        k = 0 … n - 1. The bucket k back has number bucket - 1 - k, so that
        n - k = number + n + 1 - bucket, and two plain sums give the weighted one
        exactly, in integers: of the measure, and of the measure times its bucket. -#}
    (
        {{ attrition.bucket_sum(weighted_total, buckets) }}
        + ({{ buckets + 1 }} - bucket) * ({{ attrition.bucket_sum(total, buckets) }})
    ) / cast({{ buckets }} as double)
{%- endmacro %}
