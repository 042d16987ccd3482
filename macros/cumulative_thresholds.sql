{% macro cumulative_thresholds(relation, group_columns) -%}
    {%- set groups = group_columns | join(', ') -%}
    {%- set measures = {
        'row_count': ['rows_so_far', 'all_rows'],
        'attrition_count': ['attritions_so_far', 'all_attritions'],
    } -%}
    with thresholds as (

        select
            {{ groups }},
            probability,
            count(*) as row_count,
            sum(is_attrition) as attrition_count
        from {{ relation }}
        group by {{ groups }}, probability

    )

    select
        {{ groups }},
        probability,
        row_count,
        attrition_count
        {%- for measure, (so_far, all) in measures.items() %},
        sum({{ measure }}) over (
            partition by {{ groups }}
            order by probability desc
            rows between unbounded preceding and current row
        ) as {{ so_far }},
        sum({{ measure }}) over (partition by {{ groups }}) as {{ all }}
        {%- endfor %}
    from thresholds
{%- endmacro %}
