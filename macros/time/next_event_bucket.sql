{% macro next_event_bucket() -%}
    {#- The customer's next bucket with events, or one beyond all. -#}
    coalesce(lead(bucket) over (partition by customer_id order by bucket), 1000000)
{%- endmacro %}
