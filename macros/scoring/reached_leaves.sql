{% macro reached_leaves(inputs, trees, levels) -%}
    {%- set step = attrition.array_item(
        'x', attrition.array_item('places', 'node - 1', 'integer')
    ) ~ ' >= ' ~ attrition.array_item('thresholds', 'node - 1') -%}
    {%- set columns = 'customer_id, x, places, thresholds, leaf_values' -%}
    select
        customer_id,
        {{ attrition.array_item('leaf_values', 'node - ' ~ 2 ** levels) }} as leaf
    from (
        {%- for _ in range(levels) %}
        select
            {{ columns }},
            2 * node + case when {{ step }} then 1 else 0 end as node
        from (
        {%- endfor %}
        select
            {{ columns }},
            1 as node
        from {{ inputs }}
        cross join {{ trees }}
        where {{ trees }}.levels = {{ levels }}
        {%- for _ in range(levels) %}
        ) as level_{{ loop.index }}
        {%- endfor %}
    ) as ended
{%- endmacro %}
