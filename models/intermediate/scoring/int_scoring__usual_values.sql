{%- set features = attrition.dataset_features() -%}
{%- set categories = [] -%}
{%- for feature, data_type in features.items() if data_type == 'category' -%}
    {%- do categories.append(feature) -%}
{%- endfor -%}

with customers as (

    select * from {{ ref('int_scoring__customers') }}

),

dataset as (

    select * from {{ ref('modeling_dataset') }}

),

scored as (

    select
        dataset.*,
        customers.tenure_band
    from customers
    inner join dataset
        on
            customers.customer_id = dataset.customer_id
            and customers.as_of_date = dataset.as_of_date

),

-- everybody once with their band, and once among all
groups as (

    select * from scored
    where tenure_band is not null

    union all

    select
        * exclude (tenure_band),
        'all' as tenure_band
    from scored

),

medians as (

    select
        tenure_band,
        {%- for feature, data_type in features.items() if data_type != 'category' %}
        {%- if data_type == 'boolean' %}
        -- of both values the more frequent one
        case
            when count(case when {{ feature }} then 1 end) * 2 >= count({{ feature }})
                and count({{ feature }}) > 0 then 1
            when count({{ feature }}) > 0 then 0
        end as {{ feature }},
        {%- else %}
        percentile_disc(0.5) within group (order by cast({{ feature }} as double))
            as {{ feature }},
        {%- endif %}
        {%- endfor %}
        count(*) as customer_count
    from groups
    group by tenure_band

),

numbers as (
    {% for feature, data_type in features.items() if data_type != 'category' %}
    select
        tenure_band,
        customer_count,
        '{{ feature }}' as feature,
        cast({{ feature }} as double) as usual_number,
        {%- if data_type == 'boolean' %}
        case {{ feature }} when 1 then 'yes' when 0 then 'no' end as usual_value
        {%- else %}
        {{ attrition.plain_number(feature) }} as usual_value
        {%- endif %}
    from medians
    {{- "\n    union all" if not loop.last }}
    {%- endfor %}

),
{% if categories %}
levels as (
    {% for feature in categories %}
    select
        tenure_band,
        '{{ feature }}' as feature,
        cast({{ feature }} as {{ dbt.type_string() }}) as usual_value,
        count(*) as level_count
    from groups
    where {{ feature }} is not null
    group by tenure_band, {{ feature }}
    {{- "\n    union all" if not loop.last }}
    {%- endfor %}

),

ranked_levels as (

    select
        *,
        row_number() over (
            partition by tenure_band, feature
            order by level_count desc, usual_value asc
        ) as level_rank
    from levels

),
{% endif %}
final as (

    select
        feature,
        tenure_band,
        customer_count,
        usual_number,
        usual_value
    from numbers
    {%- if categories %}

    union all

    select
        ranked_levels.feature,
        ranked_levels.tenure_band,
        medians.customer_count,
        cast(null as double) as usual_number,
        ranked_levels.usual_value
    from ranked_levels
    inner join medians
        on ranked_levels.tenure_band = medians.tenure_band
    where ranked_levels.level_rank = 1
    {%- endif %}

)

select * from final
