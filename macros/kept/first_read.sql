{% macro first_read(buckets) -%}
    {#- Day after which a model needs states of customers whose windows reach that many buckets
        back from the first snapshot that is made. -#}
    {{ attrition.add_buckets(attrition.kept_until(), -buckets) }}
{%- endmacro %}
