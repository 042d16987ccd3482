{%- set renamed = attrition.renamed_features() -%}
{%- set tenure = renamed.get('active_months', 'active_months') -%}
{%- set horizon = attrition.setting('attrition_horizon') -%}

with predictions as (

    select * from {{ ref('int_scoring__predictions') }}

),

dataset as (

    select * from {{ ref('modeling_dataset') }}

),

sales as (

    select * from {{ ref('int_records__sales') }}

),

amounts as (

    select
        predictions.customer_id,
        cast(sum(sales.amount) as decimal(38, 4)) as recent_amount
    from predictions
    inner join sales
        on
            predictions.customer_id = sales.customer_id
            and predictions.as_of_date > sales.sold_on
            and {{ attrition.add_buckets('predictions.as_of_date', -horizon) }}
            <= sales.sold_on
    where sales.is_target_purchase
    group by predictions.customer_id

),

final as (

    select
        predictions.customer_id,
        predictions.as_of_date,
        cast({% if tenure in attrition.dataset_features() -%}
        {{ attrition.tenure_band('dataset.' ~ tenure) }}
        {%- else -%}
        null
        {%- endif %} as {{ dbt.type_string() }}) as tenure_band,
        coalesce(amounts.recent_amount, 0) as recent_amount
    from predictions
    inner join dataset
        on
            predictions.customer_id = dataset.customer_id
            and predictions.as_of_date = dataset.as_of_date
    left join amounts
        on predictions.customer_id = amounts.customer_id

)

select * from final
