{%- set available = attrition.raw_columns_of('startright') -%}

with raw_record as (

    select * from {{ attrition.raw_table('startright') }}

),

renamed as (

    select
        {{ attrition.raw_column('startright', 'event_id', available) }} as event_id,
        {{ attrition.raw_column('startright', 'customer_id', available) }} as customer_id,
        {{ attrition.raw_column('startright', 'occurred_on', available) }} as occurred_on,
        lower({{ attrition.raw_column('startright', 'event_type', available) }}) as event_type,
        {{ attrition.unreadable_column('startright', available) }} as unreadable_column,
        {{ attrition.record_as_json('raw_record') }} as record_json
    from raw_record

),

judged as (

    select
        *,
        {{ attrition.broken_rule(
            'occurred_on',
            key='event_id',
            categories={'event_type': ['enrolled', 'session', 'completed', 'withdrawn']}
        ) }} as own_rule
    from renamed

),

final as (

    select
        * exclude (own_rule, unreadable_column),
        {{ attrition.repeated_key('event_id', [
            'occurred_on', 'customer_id', 'event_type',
        ]) }} as broken_rule
    from judged

)

select * from final
