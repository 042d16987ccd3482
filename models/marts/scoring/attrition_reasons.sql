with predictions as (

    select * from {{ ref('ml_predictions') }}

),

catalog as (

    select * from {{ ref('attrition_feature_catalog') }}

),

stacked as (
    {% for position in range(1, 6) %}
    select
        customer_id,
        as_of_date,
        version_id,
        {{ position }} as reason_rank,
        reason_{{ position }}_feature as feature,
        reason_{{ position }}_value as feature_value,
        reason_{{ position }}_contribution as contribution
    from predictions
    where reason_{{ position }}_feature is not null
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

final as (

    select
        stacked.customer_id,
        stacked.as_of_date,
        cast(stacked.reason_rank as integer) as reason_rank,
        stacked.feature,
        stacked.feature_value,
        stacked.contribution,
        case
            when stacked.feature_value is null
                then stacked.feature || ' is unknown'
            when catalog.data_type = 'boolean' and stacked.feature_value = '1'
                then replace(catalog.reason_template, '{value}', 'yes')
            when catalog.data_type = 'boolean'
                then replace(catalog.reason_template, '{value}', 'no')
            else replace(catalog.reason_template, '{value}', stacked.feature_value)
        end as reason_text,
        catalog.is_actionable,
        stacked.version_id as model_version
    from stacked
    inner join catalog
        on stacked.feature = catalog.feature

)

select * from final
