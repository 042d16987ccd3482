{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        full_refresh=false,
        on_schema_change='append_new_columns',
    )
}}

{%- set contacts = attrition.setting('contacts') -%}
{%- set threshold = attrition.setting('threshold') -%}
{%- set capacity = contacts.get('capacity')
    or (threshold.n if threshold.mode == 'capacity' else 100) -%}

with listed as (

    select
        customer_id,
        as_of_date,
        contact_rank
    from {{ attrition.previous_state('attrition_contact_list', {
        'customer_id': dbt.type_string(),
        'as_of_date': 'date',
        'contact_rank': 'integer',
    }) }}

),

scores as (

    select * from {{ ref('attrition_scores') }}

),

snapshot as (

    select max(as_of_date) as as_of_date from scores

),

-- in both directions, as somebody may build an earlier month after a later one
distances as (

    select
        listed.customer_id,
        listed.contact_rank,
        abs({{ dbt.datediff('listed.as_of_date', 'snapshot.as_of_date', 'day') }})
            as days_apart
    from listed
    cross join snapshot

),

cooling as (

    select customer_id
    from distances
    where days_apart = 0 or days_apart < {{ contacts.cooldown_days }}
    group by customer_id

),

-- what is on the list of this snapshot already stays, and places are left beside it
taken as (

    select
        count(*) as taken_count,
        coalesce(max(contact_rank), 0) as last_rank
    from distances
    where days_apart = 0

),

candidates as (

    select
        scores.*,
        row_number() over (order by scores.gain_rank) as place
    from scores
    left join cooling
        on scores.customer_id = cooling.customer_id
    where
        cooling.customer_id is null
        -- where no gain is known, risk alone says whom to contact
        and coalesce(scores.expected_gain, 1) > 0

),

final as (

    select
        candidates.customer_id,
        candidates.as_of_date,
        cast(taken.last_rank + candidates.place as integer) as contact_rank,
        candidates.attrition_probability,
        candidates.risk_band,
        candidates.value_at_risk,
        candidates.expected_gain,
        candidates.gain_basis,
        candidates.reason_1_text,
        candidates.reason_2_text,
        candidates.reason_3_text,
        candidates.model_version,
        cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}' as timestamp)
            as listed_at,
        cast('{{ invocation_id }}' as {{ dbt.type_string() }}) as run_id
    from candidates
    cross join taken
    where candidates.place <= {{ capacity }} - taken.taken_count

)

select * from final
