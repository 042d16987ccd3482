{% macro cumulative_thresholds(relation, group_columns) -%}
    {%- set groups = group_columns | join(', ') -%}
    with thresholds as (

        select
            {{ groups }},
            probability,
            count(*) as row_count,
            sum(is_attrition) as attrition_count
        from {{ relation }}
        group by {{ groups }}, probability

    )

    {{ attrition.cumulative_counts('thresholds', group_columns, 'probability desc') }}
{%- endmacro %}
