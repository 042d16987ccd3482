{{ config(materialized='kept_table') }}

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

    select * from {{ ref('int_scoring__predictions') }}

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
        catalog.worse,
        catalog.reason_template,
        told.unit,
        own.unit as own_unit,
        coalesce(of_band.usual_value, of_all.usual_value) as usual_value,
        coalesce(told_of_band.usual_number, told_of_all.usual_number) as usual_number,
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
    {%- for name, feature in {'': 'catalog.feature', 'told_': 'told.feature'}.items() %}
    -- of few customers nothing is usual
    left join usual_values as {{ name }}of_band
        on
            {{ feature }} = {{ name }}of_band.feature
            and customers.tenure_band = {{ name }}of_band.tenure_band
            and {{ name }}of_band.customer_count >= 20
    left join usual_values as {{ name }}of_all
        on
            {{ feature }} = {{ name }}of_all.feature
            and {{ name }}of_all.tenure_band = 'all'
    {%- endfor %}

),

said as (

    select
        *,
        coalesce(
            {{ attrition.said_number('abs(told_number)', 'unit') }}, feature_value
        ) as told_text,
        {%- for name, unit in {'own': 'own_unit', 'usual': 'unit'}.items() %}
        -- null where the comparison would tell nothing: it takes a tenth to be worth a word
        case
            when
                worse is null
                or (
                    worse = 'higher'
                    and told_number > {{ name }}_number + 0.1 * abs({{ name }}_number)
                )
                or (
                    worse = 'lower'
                    and told_number < {{ name }}_number - 0.1 * abs({{ name }}_number)
                )
                then {{ attrition.said_number(name ~ '_number', unit) }}
        end as {{ name }}_text{{ "," if not loop.last }}
        {%- endfor %}
    from compared

),

-- what is no worse than usual tells nothing, nor does what is usual and nobody can act on
told_reasons as (

    select
        *,
        row_number() over (partition by customer_id order by reason_rank) as place
    from said
    where
        case
            when worse is null
                then is_actionable or feature_value is distinct from usual_value
            else
                told_text <> coalesce(own_text, told_text)
                or told_text <> coalesce(usual_text, told_text)
                or feature_value = 'unknown'
                or coalesce(own_number, usual_number) is null
        end

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
    from told_reasons

),

comparisons as (

    select
        *,
        {%- for part in [2, 3] %}
        case
            when split_part(sentences, ';', {{ part }}) like '%{own}%'
                then replace(
                    {{ attrition.said_of_one(
                        "trim(split_part(sentences, ';', " ~ part ~ "))", 'own_text', 'own_unit'
                    ) }},
                    '{own}',
                    nullif(own_text, told_text)
                )
            when split_part(sentences, ';', {{ part }}) like '%{usual}%'
                then replace(
                    {{ attrition.said_of_one(
                        "trim(split_part(sentences, ';', " ~ part ~ "))", 'usual_text', 'unit'
                    ) }},
                    '{usual}',
                    nullif(usual_text, told_text)
                )
        end as comparison_{{ part }},
        {%- endfor %}
        {{ attrition.said_of_one(
            "trim(split_part(sentences, ';', 1))", 'told_text', 'unit'
        ) }} as sentence
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
        || coalesce('; ' || coalesce(comparison_2, comparison_3), '') as reason_text,
        is_actionable,
        version_id as model_version
    from comparisons

)

select * from final
