{#- A value with fewer rows says too little by itself. -#}
{%- set fewest_rows = 30 -%}
{#- A number with so few values may be a code, whose order says nothing. -#}
{%- set most_codes = 20 -%}

with levels as (

    select * from {{ ref('int_profile__levels') }}

),

labelled as (

    select
        feature,
        data_type,
        split,
        value_number,
        row_count,
        attrition_count,
        value_number is null and value_text is null as is_missing,
        row_count < {{ fewest_rows }} as is_rare,
        count(*) over (partition by feature, split) as level_count
    from levels
    where attrition_count is not null

),

-- rare values together are one level
shared as (

    select
        *,
        case
            when is_rare
                then {{ attrition.ratio(
                    'sum(attrition_count) over (partition by feature, split, is_rare)',
                    'sum(row_count) over (partition by feature, split, is_rare)'
                ) }}
            else {{ attrition.ratio('attrition_count', 'row_count') }}
        end as attrition_share
    from labelled

),

-- Three ways to turn a feature into a ranking: the best of them counts.
ranked as (

    select
        feature,
        split,
        'missing_lowest' as ranking,
        case when is_missing then 0 else 1 end as missing_order,
        coalesce(value_number, 0) as score,
        row_count,
        attrition_count
    from shared
    where data_type <> 'category'

    union all

    select
        feature,
        split,
        'missing_highest' as ranking,
        case when is_missing then 1 else 0 end as missing_order,
        coalesce(value_number, 0) as score,
        row_count,
        attrition_count
    from shared
    where data_type <> 'category'

    union all

    select
        feature,
        split,
        'attrition_share' as ranking,
        0 as missing_order,
        attrition_share as score,
        sum(row_count) as row_count,
        sum(attrition_count) as attrition_count
    from shared
    where data_type = 'category' or level_count <= {{ most_codes }}
    group by feature, split, attrition_share

),

-- pairs of one who left and one who stayed, in halves: a tie is half a right order
paired as (

    select
        feature,
        split,
        ranking,
        row_count,
        attrition_count,
        attrition_count * (
            2 * coalesce(sum(row_count - attrition_count) over (
                partition by feature, split, ranking
                order by missing_order, score
                rows between unbounded preceding and 1 preceding
            ), 0)
            + row_count - attrition_count
        ) as half_pairs
    from ranked

),

areas as (

    select
        feature,
        split,
        ranking,
        {{ attrition.ratio(
            'sum(half_pairs)',
            '(2 * sum(attrition_count) * sum(row_count - attrition_count))'
        ) }} as roc_auc
    from paired
    group by feature, split, ranking

),

-- the wrong way round separates as well
final as (

    select
        feature,
        split,
        max(greatest(roc_auc, 1 - roc_auc)) as separation
    from areas
    group by feature, split

)

select * from final
