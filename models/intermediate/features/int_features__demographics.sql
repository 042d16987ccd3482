with spine as (

    select * from {{ ref('int_population__spine') }}
    where as_of_date > {{ attrition.kept_until() }}

),

demographics as (

    select * from {{ ref('stg_demographics__records') }}
    where broken_rule is null

),

terms as (

    select
        *,
        lead(valid_from) over (partition by customer_id order by valid_from)
            as next_valid_from
    from demographics

),

final as (

    select
        spine.customer_id,
        spine.as_of_date,
        -- a date that has not come by then is not known by then
        {{ attrition.as_feature(
            'case when terms.birth_date < spine.as_of_date then cast('
            ~ dbt.datediff('terms.birth_date', 'spine.as_of_date', 'day')
            ~ ' as double) / 365.25 end'
        ) }} as age_years,
        -- a date that has not come by then is not known by then
        {{ attrition.as_feature(
            'case when terms.insulin_since < spine.as_of_date then cast('
            ~ dbt.datediff('terms.insulin_since', 'spine.as_of_date', 'day')
            ~ ' as double) / 365.25 end'
        ) }} as years_on_insulin,
        case when terms.is_dated then terms.is_auto_reorder end
            as is_auto_reorder,
        case when terms.is_dated then terms.payer_type end
            as payer_type,
        case when terms.is_dated then terms.diagnosis_type end
            as diagnosis_type,
        case when terms.is_dated then terms.region end as region
    from spine
    left join terms
        on
            spine.customer_id = terms.customer_id
            -- birth and insulin dates without a date of change always hold
            and (spine.as_of_date > terms.valid_from or not terms.is_dated)
            and (
                terms.next_valid_from is null
                or spine.as_of_date <= terms.next_valid_from
            )

)

select * from final
