{#- Which columns there are depends on the settings, so descriptions cannot travel along. -#}
{%- set renamed = attrition.renamed_features() -%}
{{ config(materialized='view', persist_docs={'relation': true, 'columns': false}) }}

with vectors as (

    select * from {{ ref('int_features__vector') }}

),

labels as (

    select * from {{ ref('int_population__labels') }}

),

splits as (

    select * from {{ ref('int_population__splits') }}

),

final as (

    select
        labels.customer_id,
        labels.as_of_date,
        labels.is_attrition_c,
        labels.is_attrition_s,
        labels.is_attrition_cs,
        labels.{{ attrition.setting('target') }} as is_attrition,
        splits.split,
        splits.is_fit,
        splits.is_refit,
        splits.is_calibration_customer,
        splits.customer_hash,
        vectors.* exclude (customer_id, as_of_date)
        {%- if renamed %} rename (
            {%- for name, new_name in renamed.items() %}
            {{ name }} as {{ new_name }}{{ "," if not loop.last }}
            {%- endfor %}
        )
        {%- endif %}
    from labels
    inner join splits
        on
            labels.customer_id = splits.customer_id
            and labels.as_of_date = splits.as_of_date
    inner join vectors
        on
            labels.customer_id = vectors.customer_id
            and labels.as_of_date = vectors.as_of_date

)

select * from final
