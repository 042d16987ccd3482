{{ config(materialized='kept_table') }}

with contributions as (

    select * from {{ ref('attrition_contributions') }}

),

trees as (

    select * from {{ ref('attrition_champion_trees') }}

),

encoding as (

    select * from {{ ref('attrition_champion_encoding') }}

),

catalog as (

    select * from {{ ref('attrition_feature_catalog') }}

),

explained as (

    select
        model_version,
        feature,
        count(*) as customer_count,
        {{ attrition.exact_sum('abs(contribution)') }} as absolute_sum,
        sum(case when contribution > 0 then 1 else 0 end) as raised_count,
        median(case when contribution > 0 then feature_number end)
            as usual_number_where_raised,
        median(case when contribution < 0 then feature_number end)
            as usual_number_where_lowered
    from contributions
    group by model_version, feature

),

-- a rank has a row for each of its levels here
columns_of_features as (

    select distinct
        version_id,
        feature,
        column_number
    from encoding

),

gains as (

    select
        columns_of_features.version_id,
        columns_of_features.feature,
        count(*) as split_count,
        {{ attrition.exact_sum('trees.gain') }} as gain_sum
    from trees
    inner join columns_of_features
        on
            trees.version_id = columns_of_features.version_id
            and trees.column_number = columns_of_features.column_number
    group by columns_of_features.version_id, columns_of_features.feature

),

shares as (

    select
        explained.*,
        {{ attrition.ratio('explained.absolute_sum', 'explained.customer_count') }}
            as mean_absolute_contribution,
        {{ attrition.ratio(
            'explained.absolute_sum', 'sum(explained.absolute_sum) over ()'
        ) }} as contribution_share,
        {{ attrition.ratio('explained.raised_count', 'explained.customer_count') }}
            as raised_share,
        {{ attrition.ratio('gains.gain_sum', 'sum(gains.gain_sum) over ()') }}
            as gain_share,
        coalesce(gains.split_count, 0) as split_count
    from explained
    left join gains
        on
            explained.model_version = gains.version_id
            and explained.feature = gains.feature

),

final as (

    select
        shares.model_version,
        shares.feature,
        catalog.domain,
        catalog.description,
        cast(row_number() over (
            order by shares.absolute_sum desc, shares.feature asc
        ) as integer) as importance_rank,
        shares.mean_absolute_contribution,
        shares.contribution_share,
        shares.raised_share,
        cast(shares.usual_number_where_raised as double) as usual_number_where_raised,
        cast(shares.usual_number_where_lowered as double) as usual_number_where_lowered,
        shares.gain_share,
        cast(shares.split_count as integer) as split_count,
        cast(shares.customer_count as integer) as customer_count
    from shares
    left join catalog
        on shares.feature = catalog.feature

)

select * from final
