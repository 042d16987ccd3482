{% macro accepted_sales_bounds(relation) %}
    {#- First and last day of the raw sales that break no rule by themselves. -#}
    {%- set available = attrition.raw_columns_of('sales') -%}
    select
        min(sold_on) as first_day,
        max(sold_on) as last_day
    from (
        select
            {%- for column in attrition.raw_contract()['sales']['columns'] %}
            {{ attrition.raw_column('sales', column, available) }} as {{ column }},
            {%- endfor %}
            {{ attrition.unreadable_column('sales', available) }} as unreadable_column
        from {{ relation }} as raw_record
    ) as renamed
    where {{ attrition.broken_rule(
        'sold_on',
        key='sale_id',
        categories={
            'lower(product_type)': ['consumable', 'sensor', 'device', 'accessory']
        },
        rules=[('no_quantity_and_no_amount', 'quantity is null and amount is null')]
    ) }} is null
{% endmacro %}
