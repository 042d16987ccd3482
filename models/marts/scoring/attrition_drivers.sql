{{ config(materialized='kept_table') }}

{#- Below so many customers a mean says more of them than of the segment. -#}
{%- set fewest = 30 -%}

with contributions as (

    select * from {{ ref('attrition_contributions') }}

),

vectors as (

    select * from {{ ref('int_features__vector') }}

),

buckets as (

    select * from {{ ref('int_population__buckets') }}

),

newest_vectors as (

    select vectors.*
    from vectors
    inner join buckets
        on vectors.as_of_date = buckets.as_of_date
    where buckets.is_newest_snapshot

),

segments as (

    {{ attrition.customer_segments('newest_vectors') }}

),

of_all as (

    select
        feature,
        count(*) as customer_count,
        {{ attrition.exact_sum('contribution') }} as contribution_sum
    from contributions
    group by feature

),

of_segments as (

    select
        contributions.model_version,
        segments.segment,
        segments.segment_value,
        contributions.feature,
        count(*) as customer_count,
        {{ attrition.exact_sum('contributions.contribution') }} as contribution_sum,
        median(contributions.feature_number) as usual_number
    from contributions
    inner join segments
        on
            contributions.customer_id = segments.customer_id
            and contributions.as_of_date = segments.as_of_date
    group by
        contributions.model_version,
        segments.segment,
        segments.segment_value,
        contributions.feature

),

compared as (

    select
        of_segments.*,
        {{ attrition.ratio('of_segments.contribution_sum', 'of_segments.customer_count') }}
            as mean_contribution,
        {{ attrition.ratio(
            'of_all.contribution_sum - of_segments.contribution_sum',
            'of_all.customer_count - of_segments.customer_count'
        ) }} as mean_contribution_elsewhere
    from of_segments
    inner join of_all
        on of_segments.feature = of_all.feature
    where
        of_segments.customer_count >= {{ fewest }}
        and of_all.customer_count > of_segments.customer_count

),

final as (

    select
        model_version,
        segment,
        segment_value,
        cast(row_number() over (
            partition by segment, segment_value
            order by
                abs(mean_contribution - mean_contribution_elsewhere) desc, feature asc
        ) as integer) as driver_rank,
        feature,
        mean_contribution - mean_contribution_elsewhere as contribution_difference,
        mean_contribution,
        mean_contribution_elsewhere,
        cast(usual_number as double) as usual_number,
        cast(customer_count as integer) as customer_count
    from compared

)

select * from final
