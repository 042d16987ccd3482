{%- set split = attrition.setting('split') -%}
{%- set horizon = attrition.setting('attrition_horizon') -%}

with spine as (

    select * from {{ ref('int_population__spine') }}

),

buckets as (

    select * from {{ ref('int_population__buckets') }}

),

customers as (

    select * from {{ ref('int_population__customers') }}

),

bounds as (

    select * from {{ ref('int_population__split_bounds') }}

),

placed as (

    select
        spine.customer_id,
        spine.as_of_date,
        spine.bucket,
        buckets.is_matured,
        customers.is_calibration_customer,
        customers.customer_hash,
        customers.validation_hash < '{{ attrition.hash_below(0.2) }}'
            as is_validation_customer,
        bounds.validation_mode,
        bounds.validation_start_bucket,
        {% if split.mode != 'randomized' -%}
        buckets.is_matured and spine.bucket >= bounds.test_start_bucket as is_test,
        buckets.is_matured and spine.bucket + {{ horizon }} <= bounds.test_start_bucket
            as is_before_test
        {%- else -%}
        buckets.is_matured
        and customers.test_hash < '{{ attrition.hash_below(split.perc_test) }}'
            as is_test,
        buckets.is_matured
        and customers.test_hash >= '{{ attrition.hash_below(split.perc_test) }}'
            as is_before_test
        {%- endif %}
    from spine
    inner join buckets
        on spine.bucket = buckets.bucket
    inner join customers
        on spine.customer_id = customers.customer_id
    cross join bounds

),

final as (

    select
        customer_id,
        as_of_date,
        case
            when not is_matured then 'unlabelled'
            when is_test then 'test'
            when not is_before_test then 'embargo'
            when is_calibration_customer then 'calibration'
            when validation_mode = 'grouped' and is_validation_customer
                then 'validation'
            when validation_mode = 'grouped' then 'train'
            when bucket >= validation_start_bucket then 'validation'
            when bucket + {{ horizon }} <= validation_start_bucket then 'train'
            else 'embargo'
        end as split,
        is_before_test and not is_calibration_customer as is_fit,
        is_matured and not is_calibration_customer as is_refit,
        is_calibration_customer,
        customer_hash
    from placed

)

select * from final
