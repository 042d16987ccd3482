{%- set available = attrition.raw_columns_of('demographics') -%}
{%- set has_valid_from =
    attrition.raw_column_name('demographics', 'valid_from', available) is not none
-%}

with raw_record as (

    select * from {{ attrition.raw_table('demographics') }}

),

renamed as (

    select
        {{ attrition.raw_column('demographics', 'customer_id', available) }}
            as customer_id,
        -- without dates of change, what can change is unknown before today
        {% if has_valid_from -%}
        {{ attrition.raw_column('demographics', 'valid_from', available) }}
        {%- else -%}
        {{ attrition.today() }}
        {%- endif %} as valid_from,
        {{ attrition.raw_column('demographics', 'birth_date', available) }}
            as birth_date,
        {{ attrition.raw_column('demographics', 'insulin_since', available) }}
            as insulin_since,
        {{ attrition.raw_column('demographics', 'region', available) }} as region,
        {{ attrition.raw_column('demographics', 'payer_type', available) }}
            as payer_type,
        {{ attrition.raw_column('demographics', 'diagnosis_type', available) }}
            as diagnosis_type,
        {{ attrition.raw_column('demographics', 'is_auto_reorder', available) }}
            as is_auto_reorder,
        {{ 'true' if has_valid_from else 'false' }} as is_dated,
        {{ attrition.unreadable_column('demographics', available) }}
            as unreadable_column,
        {{ attrition.record_as_json('raw_record') }} as record_json
    from raw_record

),

judged as (

    select
        *,
        {{ attrition.broken_rule(
            'valid_from',
            rules=[
                ('impossible_birth_date', "birth_date < date '1900-01-01'"),
                ('impossible_insulin_since', "insulin_since < date '1900-01-01'"),
                ('birth_date_beyond_today', 'birth_date > ' ~ attrition.today()),
                ('insulin_since_beyond_today', 'insulin_since > ' ~ attrition.today()),
            ]
        ) }} as own_rule
    from renamed

),

final as (

    select
        * exclude (own_rule, unreadable_column),
        {{ attrition.repeated_key('customer_id, valid_from', [
            'birth_date', 'insulin_since', 'region', 'payer_type', 'diagnosis_type',
            'is_auto_reorder',
        ]) }} as broken_rule
    from judged

)

select * from final
