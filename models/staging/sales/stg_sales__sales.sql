{%- set available = attrition.raw_columns_of('sales') -%}

with raw_record as (

    select * from {{ attrition.raw_table('sales') }}

),

renamed as (

    select
        {{ attrition.raw_column('sales', 'sale_id', available) }} as sale_id,
        {{ attrition.raw_column('sales', 'customer_id', available) }} as customer_id,
        {{ attrition.raw_column('sales', 'sold_on', available) }} as sold_on,
        lower({{ attrition.raw_column('sales', 'product_type', available) }}) as product_type,
        {{ attrition.raw_column('sales', 'product_id', available) }} as product_id,
        {{ attrition.raw_column('sales', 'quantity', available) }} as quantity,
        {{ attrition.raw_column('sales', 'amount', available) }} as amount,
        {{ attrition.raw_column('sales', 'is_return', available) }} as is_return,
        {{ attrition.unreadable_column('sales', available) }} as unreadable_column,
        {{ attrition.record_as_json('raw_record') }} as record_json
    from raw_record

),

judged as (

    select
        *,
        {{ attrition.broken_rule(
            'sold_on',
            key='sale_id',
            categories={'product_type': ['consumable', 'sensor', 'device', 'accessory']},
            rules=[
                ('no_quantity_and_no_amount', 'quantity is null and amount is null'),
            ]
        ) }} as own_rule
    from renamed

),

final as (

    select
        * exclude (own_rule, unreadable_column),
        {{ attrition.repeated_key('sale_id', [
            'sold_on', 'customer_id', 'product_type', 'product_id', 'quantity', 'amount', 'is_return',
        ]) }} as broken_rule
    from judged

)

select * from final
