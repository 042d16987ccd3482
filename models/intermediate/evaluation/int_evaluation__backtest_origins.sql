{{ config(materialized='table') }}

{%- set horizon = attrition.setting('attrition_horizon') %}
{%- set quarter = attrition.buckets_in_months(3) %}
{%- set quarters = attrition.setting('backtest_quarters') %}

with contenders as (

    select * from {{ ref('int_evaluation__contenders') }}

),

buckets as (

    select * from {{ ref('int_population__buckets') }}

),

splits as (

    select distinct as_of_date
    from {{ ref('int_population__splits') }}

),

-- What was measured once is not fitted again when a version meets another champion.
measured as (

    select
        version_id,
        origin_date
    from {{ attrition.previous_state('attrition_backtest', {
        'version_id': dbt.type_string(),
        'origin_date': 'date',
    }) }}

),

challengers as (

    select version_id
    from contenders
    where
        role = 'challenger'
        and needs_judging

),

matured as (

    select
        buckets.bucket,
        buckets.as_of_date
    from buckets
    inner join splits
        on buckets.as_of_date = splits.as_of_date
    where buckets.is_matured

),

newest as (

    select max(bucket) as newest_bucket
    from matured

),

-- labels of an origin must not be known on the origin's day: a horizon lies between
origins as (

    select
        origin.as_of_date as origin_date,
        max(learnt.as_of_date) as last_fit_date
    from matured as origin
    cross join newest
    inner join matured as learnt
        on learnt.bucket + {{ horizon }} <= origin.bucket
    where
        mod(newest.newest_bucket - origin.bucket, {{ quarter }}) = 0
        and origin.bucket > newest.newest_bucket - {{ quarters * quarter }}
    group by origin.as_of_date

),

final as (

    select
        challengers.version_id,
        origins.origin_date,
        origins.last_fit_date,
        {{ attrition.setting('backtest_max_rows') }} as most_rows
    from challengers
    cross join origins
    where not exists (
        select 1
        from measured
        where
            measured.version_id = challengers.version_id
            and measured.origin_date = origins.origin_date
    )

)

select * from final
