{%- set available = attrition.raw_columns_of('warranty') -%}

with raw_record as (

    select * from {{ attrition.raw_table('warranty') }}

),

renamed as (

    select
        {{ attrition.raw_column('warranty', 'warranty_id', available) }} as warranty_id,
        {{ attrition.raw_column('warranty', 'customer_id', available) }} as customer_id,
        {{ attrition.raw_column('warranty', 'device_serial', available) }} as device_serial,
        {{ attrition.raw_column('warranty', 'starts_on', available) }} as starts_on,
        {{ attrition.raw_column('warranty', 'ends_on', available) }} as ends_on,
        {{ attrition.unreadable_column('warranty', available) }} as unreadable_column,
        {{ attrition.record_as_json('raw_record') }} as record_json
    from raw_record

),

judged as (

    select
        *,
        {{ attrition.broken_rule(
            'starts_on',
            key='warranty_id',
            rules=[
                ('no_ends_on', 'ends_on is null'),
                ('ends_before_it_starts', 'ends_on < starts_on'),
            ]
        ) }} as own_rule
    from renamed

),

final as (

    select
        * exclude (own_rule, unreadable_column),
        {{ attrition.repeated_key('warranty_id', [
            'starts_on', 'customer_id', 'device_serial', 'ends_on',
        ]) }} as broken_rule
    from judged

)

select * from final
