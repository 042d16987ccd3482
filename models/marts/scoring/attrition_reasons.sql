{#- What a sentence says in numbers: the feature's own value or another one's, and beside it what
    is usual of the customer. -#}
{%- set renamed = attrition.renamed_features() -%}
{%- set dataset_features = attrition.dataset_features() -%}
{%- set told, own = {}, {} -%}
{%- for name, feature in attrition.existing_features().items() -%}
    {%- set column = renamed.get(name, name) -%}
    {%- if column in dataset_features and feature.data_type == 'numeric' -%}
        {%- set told_as = feature.told_as or name -%}
        {%- do told.update({column: renamed.get(told_as, told_as)}) -%}
        {%- if feature.compared_with -%}
            {%- do own.update({
                column: renamed.get(feature.compared_with, feature.compared_with)
            }) -%}
        {%- endif -%}
    {%- endif -%}
{%- endfor -%}

with predictions as (

    select * from {{ ref('ml_predictions') }}

),

catalog as (

    select * from {{ ref('attrition_feature_catalog') }}

),

dataset as (

    select * from {{ ref('modeling_dataset') }}

),

customers as (

    select * from {{ ref('int_scoring__customers') }}

),

usual_values as (

    select * from {{ ref('int_scoring__usual_values') }}

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
        reason_{{ position }}_contribution as contribution,
        absolute_contribution
    from predictions
    where reason_{{ position }}_feature is not null
    {{ "union all" if not loop.last }}
    {%- endfor %}

),

compared as (

    select
        stacked.*,
        catalog.data_type,
        catalog.is_actionable,
        catalog.reason_template,
        told.unit,
        coalesce(of_band.usual_value, of_all.usual_value) as usual_value,
        coalesce(of_band.usual_number, of_all.usual_number) as usual_number,
        own.unit as own_unit,
        case stacked.feature
            {%- for feature, column in told.items() %}
            when '{{ feature }}' then cast(dataset.{{ column }} as double)
            {%- endfor %}
        end as told_number,
        case stacked.feature
            {%- for feature, column in own.items() %}
            when '{{ feature }}' then cast(dataset.{{ column }} as double)
            {%- endfor %}
        end as own_number
    from stacked
    inner join dataset
        on
            stacked.customer_id = dataset.customer_id
            and stacked.as_of_date = dataset.as_of_date
    inner join customers
        on stacked.customer_id = customers.customer_id
    inner join catalog
        on stacked.feature = catalog.feature
    left join catalog as told
        on coalesce(catalog.told_as, catalog.feature) = told.feature
    left join catalog as own
        on catalog.compared_with = own.feature
    -- of few customers nothing is usual
    left join usual_values as of_band
        on
            stacked.feature = of_band.feature
            and customers.tenure_band = of_band.tenure_band
            and of_band.customer_count >= 20
    left join usual_values as of_all
        on
            stacked.feature = of_all.feature
            and of_all.tenure_band = 'all'

),

-- what holds for customers like them too, and cannot be acted on, tells nothing
unusual as (

    select
        *,
        row_number() over (partition by customer_id order by reason_rank) as place
    from compared
    where is_actionable or feature_value is distinct from usual_value

),

said as (

    select
        *,
        coalesce(
            {{ attrition.said_number('abs(told_number)', 'unit') }}, feature_value
        ) as told_text,
        {{ attrition.said_number('own_number', 'own_unit') }} as own_text,
        {{ attrition.said_number('usual_number', 'unit') }} as usual_text
    from unusual

),

chosen as (

    select
        *,
        case
            when coalesce(feature_value, 'unknown') = 'unknown'
                then coalesce(
                    nullif(trim(split_part(reason_template, '|', 3)), ''),
                    'Not known: ' || replace(feature, '_', ' ')
                )
            when
                told_text in ('0', '0.00', '0 %')
                and trim(split_part(reason_template, '|', 4)) <> ''
                then trim(split_part(reason_template, '|', 4))
            when
                (told_number < 0 or (data_type = 'boolean' and feature_value = 'no'))
                and trim(split_part(reason_template, '|', 2)) <> ''
                then trim(split_part(reason_template, '|', 2))
            when told_number < 0
                then replace(
                    trim(split_part(reason_template, '|', 1)), '{value}', '-{value}'
                )
            else trim(split_part(reason_template, '|', 1))
        end as sentences
    from said

),

-- a value, and what it is compared with where that is known and not the same
parts as (

    select
        *,
        {{ attrition.said_of_one(
            "trim(split_part(sentences, ';', 1))", 'told_text', 'unit'
        ) }} as sentence,
        case
            when sentences like '%{own}%'
                then replace(
                    {{ attrition.said_of_one(
                        "trim(split_part(sentences, ';', 2))", 'own_text', 'own_unit'
                    ) }},
                    '{own}',
                    nullif(own_text, told_text)
                )
            when sentences like '%{usual}%'
                then replace(
                    trim(split_part(sentences, ';', 2)),
                    '{usual}',
                    nullif(usual_text, told_text)
                )
        end as comparison
    from chosen

),

final as (

    select
        customer_id,
        as_of_date,
        cast(place as integer) as reason_rank,
        feature,
        feature_value,
        usual_value,
        contribution,
        {{ attrition.ratio('contribution', 'absolute_contribution') }} as contribution_share,
        replace(sentence, '{value}', told_text)
        || coalesce('; ' || comparison, '') as reason_text,
        is_actionable,
        version_id as model_version
    from parts

)

select * from final
