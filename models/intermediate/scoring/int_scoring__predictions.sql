{%- set in_sql = attrition.setting('score_with') == 'sql' -%}
{%- if in_sql -%}
    {{ config(materialized='kept_table', pre_hook="{{ attrition.check_champion_rows() }}") }}
{%- else -%}
    {{ config(materialized='view') }}
{%- endif -%}
{#- Decisions that are followed at once; a shallower tree is filled up to one of them. -#}
{%- set walks = [3, 6, 10] -%}
{#- A missing value lies below every threshold, or above: nodes choose between two copies. -#}
{%- set lowest, highest = '-1e300', '1e300' -%}
{%- set beyond_all = '1e305' -%}

{%- if not in_sql %}
select * from {{ ref('ml_predictions') }}
{%- else %}
with champion as (

    select * from {{ ref('attrition_champion') }}

),

versions as (

    select * from {{ ref('attrition_model_artefacts') }}

),

training_plan as (

    select * from {{ ref('training_plan') }}

),

dataset as (

    select * from {{ ref('modeling_dataset') }}

),

calibration as (

    select * from {{ ref('attrition_champion_calibration') }}

),

encoding as (

    select * from {{ ref('attrition_champion_encoding') }}

),

linear_terms as (

    select * from {{ ref('attrition_champion_linear') }}

),

nodes as (

    select * from {{ ref('attrition_champion_trees') }}

),

-- a series of dbt's is of doubles, and the place of an item is a whole number
numbers as (

    select cast(generated_number as integer) as generated_number
    from (
        {{ dbt.generate_series(attrition.most_knots()) }}
    ) as series

),

model as (

    select
        calibration.*,
        versions.decision_threshold,
        training_plan.newest_as_of_date
    from champion
    inner join calibration
        on champion.version_id = calibration.version_id
    inner join versions
        on champion.version_id = versions.version_id
    cross join training_plan

),

scored as (

    select dataset.*
    from dataset
    inner join model
        on dataset.as_of_date = model.newest_as_of_date

),

-- one row per customer and feature
feature_values as (
    {% for feature, data_type in attrition.dataset_features().items() %}
    select
        customer_id,
        '{{ feature }}' as feature,
        {%- if data_type == 'category' %}
        cast(null as double) as feature_number,
        cast({{ feature }} as {{ dbt.type_string() }}) as feature_text
        {%- else %}
        cast({{ feature }} as double) as feature_number,
        cast(null as {{ dbt.type_string() }}) as feature_text
        {%- endif %}
    from scored
    {{- "\n    union all" if not loop.last }}
    {%- endfor %}

),

-- one row per customer and column of the matrix; the number is null where it is missing
encoded as (

    select
        feature_values.customer_id,
        encoding.column_number,
        max(case
            when encoding.encoding = 'number'
                then coalesce(feature_values.feature_number, encoding.fill_number)
            when encoding.encoding = 'rank'
                then case
                    when
                        coalesce(feature_values.feature_text, encoding.fill_level)
                        = encoding.level
                        then encoding.level_value
                end
            when encoding.data_type = 'category'
                then case
                    when
                        coalesce(feature_values.feature_text, encoding.fill_level)
                        = encoding.level
                        then 1
                    else 0
                end
            -- of numbers that came from float32 and from text
            when
                abs(
                    coalesce(feature_values.feature_number, encoding.fill_number)
                    - try_cast(encoding.level as double)
                ) <= 1e-6 * abs(try_cast(encoding.level as double))
                then 1
            else 0
        end) as column_value
    from feature_values
    inner join encoding
        on feature_values.feature = encoding.feature
    group by
        feature_values.customer_id,
        encoding.column_number

),

-- the matrix, a row per customer: all columns with missing values low, then again with them high
inputs as (

    select
        encoded.customer_id,
        {{ attrition.array_of(
            'coalesce(encoded.column_value, sides.missing_value)',
            'sides.side, encoded.column_number'
        ) }} as x
    from encoded
    cross join (
        select 0 as side, {{ lowest }} as missing_value
        union all
        select 1 as side, {{ highest }} as missing_value
    ) as sides
    group by encoded.customer_id

),

-- below node n lie 2 * n and, on the other side, 2 * n + 1
deepest_nodes as (

    select
        tree,
        max(node) as deepest_node
    from nodes
    group by tree

),

tree_levels as (

    select
        tree,
        case
            {%- for walk in walks %}
            when deepest_node < {{ 2 ** (walk + 1) }} then {{ walk }}
            {%- endfor %}
        end as levels,
        case
            {%- for walk in walks %}
            when deepest_node < {{ 2 ** (walk + 1) }} then {{ 2 ** walk }}
            {%- endfor %}
        end as leaf_count
    from deepest_nodes

),

-- what fills a tree up goes below whatever the value is
decisions as (

    select
        tree_levels.tree,
        {{ attrition.array_of(
            'case '
            ~ 'when nodes.column_number is null then 0 '
            ~ 'when nodes.is_missing_below then nodes.column_number - 1 '
            ~ 'else model.column_count + nodes.column_number - 1 end',
            'numbers.generated_number'
        ) }} as places,
        {{ attrition.array_of(
            'coalesce(nodes.threshold, ' ~ beyond_all ~ ')', 'numbers.generated_number'
        ) }} as thresholds
    from tree_levels
    cross join model
    inner join numbers
        on tree_levels.leaf_count > numbers.generated_number
    left join nodes
        on
            tree_levels.tree = nodes.tree
            and numbers.generated_number = nodes.node
    group by tree_levels.tree

),

leaf_places as (

    select
        nodes.tree,
        nodes.leaf,
        nodes.node * cast(power(2, tree_levels.levels - case
            {%- for depth in range(walks[-1] + 1) %}
            when nodes.node < {{ 2 ** (depth + 1) }} then {{ depth }}
            {%- endfor %}
        end) as integer) - tree_levels.leaf_count + 1 as leaf_place
    from nodes
    inner join tree_levels
        on nodes.tree = tree_levels.tree
    where nodes.leaf is not null

),

leaves as (

    select
        tree_levels.tree,
        {{ attrition.array_of(
            'coalesce(leaf_places.leaf, 0)', 'numbers.generated_number'
        ) }} as leaf_values
    from tree_levels
    inner join numbers
        on tree_levels.leaf_count >= numbers.generated_number
    left join leaf_places
        on
            tree_levels.tree = leaf_places.tree
            and numbers.generated_number = leaf_places.leaf_place
    group by tree_levels.tree

),

trees as (

    select
        tree_levels.levels,
        decisions.places,
        decisions.thresholds,
        leaves.leaf_values
    from tree_levels
    inner join decisions
        on tree_levels.tree = decisions.tree
    inner join leaves
        on tree_levels.tree = leaves.tree

),

reached as (
    {% for walk in walks %}
    {{ attrition.reached_leaves('inputs', 'trees', walk) }}
    {{- "\n\n    union all\n" if not loop.last }}
    {%- endfor %}

),

tree_margins as (

    select
        customer_id,
        sum(leaf) as margin
    from reached
    group by customer_id

),

linear_margins as (

    select
        encoded.customer_id,
        sum(
            linear_terms.coefficient * (
                greatest(linear_terms.lowest, least(linear_terms.highest, coalesce(
                    sign(encoded.column_value) * ln(1 + abs(encoded.column_value)),
                    linear_terms.fill
                ))) - linear_terms.mean
            ) / linear_terms.scale
            + linear_terms.missing_coefficient * (
                case when encoded.column_value is null then 1 else 0 end
                - linear_terms.missing_mean
            ) / linear_terms.missing_scale
        ) as margin
    from encoded
    inner join linear_terms
        on encoded.column_number = linear_terms.column_number
    group by encoded.customer_id

),

margins as (

    select
        scored.customer_id,
        scored.as_of_date,
        model.version_id,
        model.decision_threshold,
        model.method,
        model.base_margin
        + coalesce(tree_margins.margin, 0)
        + coalesce(linear_margins.margin, 0) as margin,
        model.slope,
        case
            when model.method = 'seasonal'
                then {{ attrition.array_item(
                    attrition.json_numbers('model.intercepts_by_month'),
                    'extract(month from scored.as_of_date) - 1'
                ) }}
            else model.intercept
        end as intercept
    from scored
    cross join model
    left join tree_margins
        on scored.customer_id = tree_margins.customer_id
    left join linear_margins
        on scored.customer_id = linear_margins.customer_id

),

-- an isotonic calibration is a line through these; there are none of another
knots as (

    select
        numbers.generated_number as knot,
        {{ attrition.array_item(
            attrition.json_numbers('model.knot_margins'), 'numbers.generated_number - 1'
        ) }} as margin,
        {{ attrition.array_item(
            attrition.json_numbers('model.knot_probabilities'), 'numbers.generated_number - 1'
        ) }} as probability
    from model
    inner join numbers
        on numbers.generated_number <= {{ attrition.json_length('model.knot_margins') }}

),

placed as (

    select
        margins.customer_id,
        margins.margin,
        max(knots.knot) as knot_below
    from margins
    left join knots
        on margins.margin >= knots.margin
    group by
        margins.customer_id,
        margins.margin

),

on_the_line as (

    select
        placed.customer_id,
        case
            when placed.knot_below is null or above.knot is null then below.probability
            else
                below.probability
                + (placed.margin - below.margin) / (above.margin - below.margin)
                * (above.probability - below.probability)
        end as probability
    from placed
    inner join knots as below
        on coalesce(placed.knot_below, 1) = below.knot
    left join knots as above
        on placed.knot_below + 1 = above.knot

),

calibrated as (

    select
        margins.*,
        case
            when margins.method = 'isotonic' then on_the_line.probability
            when margins.slope * margins.margin + margins.intercept >= 0
                then 1 / (1 + exp(-(margins.slope * margins.margin + margins.intercept)))
            else
                exp(margins.slope * margins.margin + margins.intercept)
                / (1 + exp(margins.slope * margins.margin + margins.intercept))
        end as probability
    from margins
    left join on_the_line
        on margins.customer_id = on_the_line.customer_id

),

final as (

    select
        version_id,
        customer_id,
        as_of_date,
        probability,
        case when probability >= decision_threshold then 1 else 0 end as decision,
        -- rows and columns of the trees say what, not why
        cast(null as double) as base_value,
        cast(null as double) as absolute_contribution
        {%- for position in range(1, 6) %},
        cast(null as {{ dbt.type_string() }}) as reason_{{ position }}_feature,
        cast(null as {{ dbt.type_string() }}) as reason_{{ position }}_value,
        cast(null as double) as reason_{{ position }}_contribution
        {%- endfor %}
    from calibrated

)

select * from final
{%- endif %}
