{{ config(group='attrition') }}

-- A model knows by heart what it was fitted on: the rows that judge and calibrate it
-- must be others. With a randomized split they are of other customers altogether.
with splits as (

    select * from {{ ref('int_population__splits') }}

),

rows_of_both as (

    select
        customer_id,
        as_of_date,
        'test row is fitted on' as problem
    from splits
    group by customer_id, as_of_date
    having
        max(case when split = 'test' then 1 else 0 end) = 1
        and max(case
            when is_fit or split in ('train', 'validation') then 1 else 0
        end) = 1

),

calibration_rows_of_a_fit as (

    select
        customer_id,
        as_of_date,
        'calibration customer is fitted on' as problem
    from splits
    where
        (is_calibration_customer or split = 'calibration')
        and (is_fit or is_refit or split in ('train', 'validation'))

),

{% if attrition.setting('split').mode == 'randomized' -%}
customers_of_both as (

    select
        customer_id,
        min(as_of_date) as as_of_date,
        'test customer is fitted on' as problem
    from splits
    group by customer_id
    having
        max(case when split = 'test' then 1 else 0 end) = 1
        and max(case
            when is_fit or split in ('train', 'validation', 'calibration') then 1 else 0
        end) = 1

),

{% endif -%}
final as (

    select * from rows_of_both
    union all
    select * from calibration_rows_of_a_fit
    {%- if attrition.setting('split').mode == 'randomized' %}
    union all
    select * from customers_of_both
    {%- endif %}

)

select * from final
