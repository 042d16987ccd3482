{% macro known_rows(relation, parts) %}
    {#- Of each of the newest snapshots, newest first: how many rows were known before it, and the
        sum of their hashes. A late record changes what is known from its day on, so what is
        older than a year of months is not worth telling apart. -#}
    {%- set query -%}
    with snapshots as (
        select as_of_date from {{ attrition.state_relation('int_population__buckets') }}
        order by as_of_date desc
        limit 13
    ),

    known as (
        {%- for part in parts %}
        select
            {{ part.on }} as known_on,
            {{ part.hash }} as row_hash
        from {{ relation }}
        where {{ part.where }}
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    ),

    days as (
        select
            known_on,
            count(*) as row_count,
            -- the type says that it is exact: the emulator sums what has none as floats
            sum(cast(row_hash as decimal(37, 0))) as row_hash
        from known
        group by known_on
    )

    select
        {{ attrition.date_text('snapshots.as_of_date') }},
        coalesce(sum(cast(days.row_count as bigint)), 0),
        coalesce(sum(cast(days.row_hash as decimal(37, 0))), 0)
    from snapshots
    left join days
        on snapshots.as_of_date > days.known_on
    group by snapshots.as_of_date
    order by snapshots.as_of_date desc
    {%- endset -%}
    {%- set found = {} -%}
    {%- for row in run_query(query).rows -%}
        {%- do found.update({row[0] | string: row[1] ~ ' rows, ' ~ row[2]}) -%}
    {%- endfor -%}
    {% do return(found) %}
{% endmacro %}
