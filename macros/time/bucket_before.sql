{% macro bucket_before(aggregate, measure) -%}
    {#- `aggregate` of a measure over all buckets before the snapshot's own. -#}
    {{ aggregate }}({{ measure }}) over (
        partition by customer_id
        order by bucket
        rows between unbounded preceding and 1 preceding
    )
{%- endmacro %}
