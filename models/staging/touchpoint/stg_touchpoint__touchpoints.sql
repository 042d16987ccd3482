{%- set available = attrition.raw_columns_of('touchpoint') -%}

with raw_record as (

    select * from {{ attrition.raw_table('touchpoint') }}

),

renamed as (

    select
        {{ attrition.raw_column('touchpoint', 'touchpoint_id', available) }} as touchpoint_id,
        {{ attrition.raw_column('touchpoint', 'customer_id', available) }} as customer_id,
        {{ attrition.raw_column('touchpoint', 'occurred_on', available) }} as occurred_on,
        lower({{ attrition.raw_column('touchpoint', 'direction', available) }}) as direction,
        {{ attrition.raw_column('touchpoint', 'channel', available) }} as channel,
        {{ attrition.raw_column('touchpoint', 'has_note', available) }} as has_note,
        {{ attrition.unreadable_column('touchpoint', available) }} as unreadable_column,
        {{ attrition.record_as_json('raw_record') }} as record_json
    from raw_record

),

judged as (

    select
        *,
        {{ attrition.broken_rule(
            'occurred_on',
            key='touchpoint_id',
            categories={'direction': ['inbound', 'outbound']}
        ) }} as own_rule
    from renamed

),

final as (

    select
        * exclude (own_rule, unreadable_column),
        {{ attrition.repeated_key('touchpoint_id', [
            'occurred_on', 'customer_id', 'direction', 'channel', 'has_note',
        ]) }} as broken_rule
    from judged

)

select * from final
