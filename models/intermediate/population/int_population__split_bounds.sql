{%- set test_buckets = attrition.buckets_of_test() -%}
{%- set horizon = attrition.setting('attrition_horizon') -%}
{%- set validation = attrition.setting('validation') -%}
{%- set quarter = attrition.buckets_in_months(3) -%}

with spine as (

    select * from {{ ref('int_population__spine') }}

),

buckets as (

    select * from {{ ref('int_population__buckets') }}

),

matured as (

    select distinct spine.bucket
    from spine
    inner join buckets
        on spine.bucket = buckets.bucket
    where buckets.is_matured

),

test_bounds as (

    select
        max(bucket) as newest_matured_bucket,
        {% if test_buckets -%}
        max(bucket) - {{ test_buckets - 1 }}
        {%- else -%}
        cast(null as integer)
        {%- endif %} as test_start_bucket
    from matured

),

-- Snapshots whose label windows end before the test begins.
fit_buckets as (

    select matured.bucket
    from matured
    cross join test_bounds
    where
        test_bounds.test_start_bucket is null
        or matured.bucket + {{ horizon }} <= test_bounds.test_start_bucket

),

-- As long as the test and at least a quarter of a year: what is best on one snapshot is
-- best by chance. Of a short history it is a third.
validation_bounds as (

    select
        max(bucket) + 1 - greatest(1, least(
            {{ [test_buckets or 0, quarter] | max }},
            cast(floor(count(*) / cast(3 as double)) as integer)
        )) as late_validation_start_bucket
    from fit_buckets

),

late_training as (

    select count(*) as training_bucket_count
    from fit_buckets
    cross join validation_bounds
    where bucket + {{ horizon }} <= late_validation_start_bucket

),

chosen as (

    select
        test_bounds.newest_matured_bucket,
        test_bounds.test_start_bucket,
        validation_bounds.late_validation_start_bucket,
        {% if validation == 'auto' -%}
        -- a later block is the honest choice while a horizon of snapshots remains
        case
            when late_training.training_bucket_count >= {{ horizon }}
                then 'last_n_months'
            else 'grouped'
        end
        {%- else -%}
        '{{ validation }}'
        {%- endif %} as validation_mode
    from test_bounds
    cross join validation_bounds
    cross join late_training

),

final as (

    select
        newest_matured_bucket,
        test_start_bucket,
        validation_mode,
        case
            when validation_mode = 'last_n_months' then late_validation_start_bucket
        end as validation_start_bucket,
        {{ attrition.bucket_start('newest_matured_bucket') }} as newest_label_date,
        {{ attrition.bucket_start('test_start_bucket') }} as test_starts_on
    from chosen

)

select * from final
