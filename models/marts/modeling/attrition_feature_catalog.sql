{%- set features = attrition.setting('features') -%}
{%- set dropped = attrition.setting('drop') -%}
{%- set renamed = attrition.setting('rename_cols') -%}
{%- set dummies = attrition.setting('dummy_cols') -%}
{%- set imputed = attrition.setting('impute') -%}
{#- What follows from `rename_cols`. -#}
{%- set names = {
    'feature': 'feature_name',
    'told_as': "nullif(told_as, '')",
    'compared_with': "nullif(compared_with, '')",
} -%}

with definitions as (

    select * from {{ ref('attrition_feature_definitions') }}

),

-- One row per lookback window for the features that exist once for each.
windows as (
    {% for window in attrition.setting('lookback_windows') %}
    select
        'lookback' as windows,
        '{{ attrition.window_suffix(window) }}' as suffix,
        '{{ attrition.buckets_text(window) }}' as window_text
    union all
    {%- endfor %}
    {% for months in [6, 12, 18] %}
    {%- set window = attrition.buckets_in_months(months) %}
    select
        '{{ months }}' as windows,
        '{{ attrition.window_suffix(window) }}' as suffix,
        '{{ attrition.buckets_text(window) }}' as window_text
    {{- " union all" if not loop.last }}
    {%- endfor %}

),

expanded as (

    select
        definitions.*,
        case
            when windows.suffix is null then definitions.feature
            else replace(definitions.feature, '{window}', windows.suffix)
        end as feature_name,
        case
            when windows.window_text is null then definitions.reason_template
            else replace(definitions.reason_template, '{window}', windows.window_text)
        end as reason_text
    from definitions
    left join windows
        on definitions.windows = windows.windows
    where definitions.domain in ('{{ attrition.setting('feature_domains') | join("', '") }}')

),

final as (

    select
        {%- for column, source in names.items() %}
        {% if renamed -%}
        cast(case {{ source }}
            {%- for name, new_name in renamed.items() %}
            when {{ attrition.text_literal(name) }} then '{{ new_name }}'
            {%- endfor %}
            else {{ source }}
        end as {{ dbt.type_string() }}) as {{ column }},
        {%- else -%}
        cast({{ source }} as {{ dbt.type_string() }}) as {{ column }},
        {%- endif %}
        {%- endfor %}
        cast(feature_name as {{ dbt.type_string() }}) as original_name,
        cast(domain as {{ dbt.type_string() }}) as domain,
        cast(data_type as {{ dbt.type_string() }}) as data_type,
        cast({{ attrition.in_words('unit') }} as {{ dbt.type_string() }}) as unit,
        cast(description as {{ dbt.type_string() }}) as description,
        is_core,
        is_actionable,
        is_sensitive,
        cast(monotone_direction as integer) as monotone_direction,
        cast(reason_group as {{ dbt.type_string() }}) as reason_group,
        cast(nullif(worse, '') as {{ dbt.type_string() }}) as worse,
        cast({{ attrition.in_words('reason_text') }} as {{ dbt.type_string() }})
            as reason_template,
        -- a level has no median, so a category gets its most frequent one
        {% if imputed -%}
        cast(case
            {%- for name, method in imputed.items() if name != 'all' %}
            when feature_name = {{ attrition.text_literal(name) }} then '{{ method }}'
            {%- endfor %}
            {%- if 'all' in imputed %}
            when data_type = 'category' then 'most_frequent'
            else '{{ imputed['all'] }}'
            {%- else %}
            else 'none'
            {%- endif %}
        end as {{ dbt.type_string() }}) as imputation,
        {%- else -%}
        cast('none' as {{ dbt.type_string() }}) as imputation,
        {%- endif %}
        {% if dummies == 'all' -%}
        data_type = 'category' as is_dummy,
        {%- elif dummies -%}
        feature_name in ({{ attrition.named_features(dummies) }}) as is_dummy,
        {%- else -%}
        false as is_dummy,
        {%- endif %}
        {% if features == 'all' -%}
        true
        {%- elif features == 'core' -%}
        is_core
        {%- else -%}
        feature_name in ({{ attrition.named_features(features) }})
        {%- endif %}
        {%- if dropped %}
        and feature_name not in ({{ attrition.named_features(dropped) }})
        {%- endif %}
        {%- if 'sensitive' in dropped %}
        and not is_sensitive
        {%- endif %} as is_selected
    from expanded

)

select * from final
