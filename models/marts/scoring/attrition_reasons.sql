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
            when coalesce(stacked.feature_value, 'unknown') = 'unknown'
                then coalesce(
                    nullif(split_part(catalog.reason_template, ' | ', 3), ''),
                    'Not known: ' || replace(stacked.feature, '_', ' ')
                )
            when
                stacked.feature_value like '-%'
                and split_part(catalog.reason_template, ' | ', 2) != ''
                then replace(
                    split_part(catalog.reason_template, ' | ', 2),
                    '{value}',
                    substring(stacked.feature_value, 2)
                )
            else replace(
                split_part(catalog.reason_template, ' | ', 1),
                '{value}',
                stacked.feature_value
            )
        end as reason_text,
        catalog.is_actionable,
        stacked.version_id as model_version
    from stacked
    inner join catalog
        on stacked.feature = catalog.feature

)

select * from final
