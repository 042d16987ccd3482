{%- set available = attrition.raw_columns_of('complaint') -%}

with raw_record as (

    select * from {{ attrition.raw_table('complaint') }}

),

renamed as (

    select
        {{ attrition.raw_column('complaint', 'complaint_id', available) }} as complaint_id,
        {{ attrition.raw_column('complaint', 'customer_id', available) }} as customer_id,
        {{ attrition.raw_column('complaint', 'opened_on', available) }} as opened_on,
        {{ attrition.raw_column('complaint', 'closed_on', available) }} as closed_on,
        {{ attrition.raw_column('complaint', 'reason', available) }} as reason,
        {{ attrition.raw_column('complaint', 'is_harm', available) }} as is_harm,
        {{ attrition.unreadable_column('complaint', available) }} as unreadable_column,
        {{ attrition.record_as_json('raw_record') }} as record_json
    from raw_record

),

judged as (

    select
        *,
        {{ attrition.broken_rule(
            'opened_on',
            key='complaint_id',
            rules=[
                ('closed_before_opened', 'closed_on < opened_on'),
                ('closed_on_beyond_today', 'closed_on > ' ~ attrition.today()),
            ]
        ) }} as own_rule
    from renamed

),

final as (

    select
        * exclude (own_rule, unreadable_column),
        {{ attrition.repeated_key('complaint_id', [
            'opened_on', 'customer_id', 'closed_on', 'reason', 'is_harm',
        ]) }} as broken_rule
    from judged

)

select * from final
