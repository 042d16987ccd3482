{% macro cumulative_counts(relation, group_columns, order_by) -%}
    {%- set groups = group_columns | join(', ') -%}
    {%- set measures = {
        'row_count': ['rows_so_far', 'all_rows'],
        'attrition_count': ['attritions_so_far', 'all_attritions'],
    } -%}
    select
        *
        {%- for measure, (so_far, all) in measures.items() %},
        sum({{ measure }}) over (
            partition by {{ groups }}
            order by {{ order_by }}
            rows between unbounded preceding and current row
        ) as {{ so_far }},
        sum({{ measure }}) over (partition by {{ groups }}) as {{ all }}
        {%- endfor %}
    from {{ relation }}
{%- endmacro %}
