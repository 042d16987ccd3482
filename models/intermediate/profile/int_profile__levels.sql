with dataset as (

    select * from {{ ref('modeling_dataset') }}

),

profiled as (

    select * from {{ ref('int_profile__rows') }}

),

thinned as (

    select
        profiled.split as profiled_split,
        dataset.*
    from dataset
    inner join profiled
        on
            dataset.customer_id = profiled.customer_id
            and dataset.as_of_date = profiled.as_of_date

),

final as (
    {% for feature, data_type in attrition.dataset_features().items() %}
    select
        '{{ feature }}' as feature,
        '{{ data_type }}' as data_type,
        profiled_split as split,
        {%- if data_type == 'category' %}
        cast(null as double) as value_number,
        cast({{ feature }} as {{ dbt.type_string() }}) as value_text,
        {%- elif data_type == 'boolean' %}
        cast(cast({{ feature }} as integer) as double) as value_number,
        cast(null as {{ dbt.type_string() }}) as value_text,
        {%- else %}
        -- what is infinite or undefined counts as missing
        case
            when abs(cast({{ feature }} as double)) < cast('1e308' as double)
                then cast({{ feature }} as double)
        end as value_number,
        cast(null as {{ dbt.type_string() }}) as value_text,
        {%- endif %}
        count(*) as row_count,
        sum(is_attrition) as attrition_count
    from thinned
    group by all
    {{ "union all" if not loop.last }}
    {%- endfor %}

)

select * from final
