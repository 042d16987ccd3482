{{ config(materialized='kept_table') }}

{%- set quantiles = {
    'p05': 5,
    'p25': 25,
    'median': 50,
    'p75': 75,
    'p95': 95,
} -%}

with levels as (

    select * from {{ ref('int_profile__levels') }}

),

profiled_rows as (

    select * from {{ ref('int_profile__rows') }}

),

separations as (

    select * from {{ ref('int_profile__separation') }}

),

catalog as (

    select * from {{ ref('attrition_feature_catalog') }}

),

splits as (

    select
        split,
        max(split_row_count) as row_count,
        max(first_as_of_date) as first_as_of_date,
        max(last_as_of_date) as last_as_of_date
    from profiled_rows
    group by split

),

counts as (

    select
        feature,
        data_type,
        split,
        sum(row_count) as profiled_row_count,
        sum(attrition_count) as attrition_count,
        sum(case
            when value_number is null and value_text is null then row_count else 0
        end) as missing_count,
        count(value_number) + count(value_text) as distinct_count
    from levels
    group by feature, data_type, split

),

numbers as (

    select
        feature,
        split,
        value_number,
        row_count,
        sum(row_count) over (partition by feature, split) as all_rows,
        coalesce(sum(row_count) over (
            partition by feature, split
            order by value_number
            rows between unbounded preceding and 1 preceding
        ), 0) as rows_before,
        -- sums of decimals need numbers of a known size: this is a power of ten
        power(10, floor(
            ln(greatest(
                max(abs(value_number)) over (partition by feature, split),
                cast('1e-300' as double)
            ))
            / ln(10)
        )) as magnitude
    from levels
    where value_number is not null

),

-- a quantile lies on the line between two rows; row 0 has the smallest value; where it
-- lies is told in whole hundredths of a row
spread as (

    select
        feature,
        split,
        min(value_number) as minimum,
        {%- for name, percent in quantiles.items() %}
        max(case
            when 100 * rows_before <= {{ percent }} * (all_rows - 1) then value_number
        end) as {{ name }}_below,
        max(case
            when 100 * (rows_before - 1) < {{ percent }} * (all_rows - 1) then value_number
        end) as {{ name }}_above,
        {{ attrition.ratio('max(mod(' ~ percent ~ ' * (all_rows - 1), 100))', '100') }}
            as {{ name }}_between,
        {%- endfor %}
        max(value_number) as maximum,
        max(magnitude) * {{ attrition.ratio(
            attrition.exact_sum('value_number / magnitude * row_count'), 'max(all_rows)'
        ) }} as mean
    from numbers
    group by feature, split

),

deviations as (

    select
        numbers.feature,
        numbers.split,
        max(numbers.magnitude) * sqrt({{ attrition.ratio(
            attrition.exact_sum(
                'power((numbers.value_number - spread.mean) / numbers.magnitude, 2)'
                ~ ' * numbers.row_count'
            ),
            '(max(numbers.all_rows) - 1)'
        ) }}) as standard_deviation
    from numbers
    inner join spread
        on
            numbers.feature = spread.feature
            and numbers.split = spread.split
    group by numbers.feature, numbers.split

),

categories as (

    select
        levels.feature,
        levels.split,
        levels.value_text,
        {{ attrition.ratio('levels.row_count', 'counts.profiled_row_count') }}
            as row_share,
        row_number() over (
            partition by levels.feature, levels.split
            order by levels.row_count desc, levels.value_text asc
        ) as place
    from levels
    inner join counts
        on
            levels.feature = counts.feature
            and levels.split = counts.split
    where levels.value_text is not null

),

top_categories as (

    select
        feature,
        split,
        '{' || {{ dbt.listagg(
            attrition.text_as_json('value_text') ~ " || ': ' || "
            ~ attrition.number_text('row_share', 4),
            "', '",
            'order by place'
        ) }} || '}' as top_categories
    from categories
    where place <= 10
    group by feature, split

),

final as (

    select
        cast(counts.feature as {{ dbt.type_string() }}) as feature,
        cast(counts.split as {{ dbt.type_string() }}) as split,
        cast(counts.data_type as {{ dbt.type_string() }}) as data_type,
        catalog.is_selected,
        splits.first_as_of_date,
        splits.last_as_of_date,
        cast(splits.row_count as bigint) as row_count,
        cast(counts.profiled_row_count as bigint) as profiled_row_count,
        cast(counts.attrition_count as bigint) as attrition_count,
        cast(counts.missing_count as bigint) as missing_count,
        {{ attrition.ratio('counts.missing_count', 'counts.profiled_row_count') }}
            as missing_share,
        cast(counts.distinct_count as bigint) as distinct_count,
        spread.mean,
        deviations.standard_deviation,
        spread.minimum,
        {%- for name in quantiles %}
        spread.{{ name }}_below
        + (spread.{{ name }}_above - spread.{{ name }}_below)
        * spread.{{ name }}_between as {{ name }},
        {%- endfor %}
        spread.maximum,
        cast(top_categories.top_categories as {{ dbt.type_string() }})
            as top_categories,
        separations.separation
    from counts
    inner join catalog
        on counts.feature = catalog.feature
    inner join splits
        on counts.split = splits.split
    left join spread
        on
            counts.feature = spread.feature
            and counts.split = spread.split
    left join deviations
        on
            counts.feature = deviations.feature
            and counts.split = deviations.split
    left join top_categories
        on
            counts.feature = top_categories.feature
            and counts.split = top_categories.split
    left join separations
        on
            counts.feature = separations.feature
            and counts.split = separations.split

)

select * from final
