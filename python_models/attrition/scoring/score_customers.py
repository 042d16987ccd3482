"""SQL that scores any table with the rows of the champion, where no Python is.

DuckDB keeps `score_customers` in the published copy. Its text names tables and never a version, so
a new champion changes rows alone. What it is handed is checked first: it gives the library's
number, or an error.
"""

TABLES = (
    "attrition_champion_calibration",
    "attrition_champion_encoding",
    "attrition_champion_linear",
    "attrition_champion_trees",
)
"""What the macro reads."""
LEVELS = 10
"""Most decisions on a path of a tree that SQL is told of."""
_WALKS = (3, 6, LEVELS)
"""Decisions that are followed at once; a shallower tree is filled up to one of them."""


def score_customers_sql(schema: str) -> str:
    """Return the statement that makes the table macro `score_customers` on DuckDB.

    Args:
        schema: Where it is made, as SQL. What it reads is looked up where it is called.
    """
    body = _BODY
    for mark, text in {
        "walks": " union all ".join(map(_walk, _WALKS)),
        "walked": " ".join(f"when deepest < {2 ** (n + 1)} then {n}" for n in _WALKS),
        "number_types": f"'{_NUMBER_TYPES}'",
        "text_types": f"'{_TEXT_TYPES}'",
        "fraction_types": f"'{_FRACTION_TYPES}'",
    }.items():
        body = body.replace(f"{{{mark}}}", text)
    return f"create or replace macro {schema}.score_customers(table_name) as table {body}"


def _walk(levels: int) -> str:
    """Return a query of the leaves that rows come to in the trees that are filled up to `levels`.

    In a filled tree the next node is computed, which is several times as fast as looking it up.
    """
    walked = (
        "select attrition_row, x, f, t, l, 1 as p from _attrition_rows, _attrition_trees"
        f" where levels = {levels}"
    )
    for _ in range(levels):
        step = "2 * p + cast(x[f[p]] >= t[p] as integer)"
        walked = f"select attrition_row, x, f, t, l, {step} as p from ({walked})"
    return f"select attrition_row, l[p - {2**levels - 1}] as leaf from ({walked})"


_FRACTION_TYPES = r"FLOAT|DOUBLE|DECIMAL\(.*\)"
_WHOLE_TYPES = "U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)"
# of a column that holds nothing but null
_NO_TYPE = '"NULL"'
_NUMBER_TYPES = f"{_FRACTION_TYPES}|{_WHOLE_TYPES}|BOOLEAN|{_NO_TYPE}"
_TEXT_TYPES = rf"VARCHAR|ENUM\(.*\)|{_WHOLE_TYPES}|BOOLEAN|{_NO_TYPE}"

_BODY = r"""
with _attrition_input as materialized (
    select row_number() over () as attrition_row, given.* from query_table(table_name) as given
),

_attrition_given as (
    select list(lower(column_name)) as names, list(column_type) as types
    from (describe from query_table(table_name))
),

_attrition_calibration as (
    select calibration.*
    from (select 1 as one) left join attrition_champion_calibration as calibration on true
),

_attrition_columns as (
    select
        column_number,
        any_value(version_id) as version_id,
        any_value(feature) as feature,
        any_value(data_type) = 'category' as is_text,
        any_value(encoding) as encoding,
        any_value(fill_number) as fill_number,
        any_value(fill_level) as fill_level,
        list(level order by level_value) filter (level is not null) as levels,
        any_value(list_position(names, lower(feature))) as place,
        any_value(types[list_position(names, lower(feature))]) as given_type
    from attrition_champion_encoding, _attrition_given
    group by column_number
),

_attrition_counts as (
    select
        (select count(*) from _attrition_columns) as column_count,
        (select count(*) from attrition_champion_trees) as node_count,
        (select count(*) from attrition_champion_linear) as term_count,
        (
            select count(distinct version_id) from (
                select version_id from attrition_champion_encoding
                union all select version_id from attrition_champion_trees
                union all select version_id from attrition_champion_linear
                union all select version_id from attrition_champion_calibration
            )
        ) as version_count,
        (select count(*) from attrition_champion_calibration) as rule_count
),

_attrition_problem as (
    select coalesce(
        case
            when counts.rule_count = 0
                then 'there is no champion that SQL can score with; the log of the build says why'
        end,
        case
            when
                counts.rule_count > 1 or counts.version_count > 1
                or counts.column_count != calibration.column_count
                or counts.node_count != calibration.node_count
                or counts.term_count != calibration.term_count
                then 'the tables attrition_champion_* do not belong together: build once more'
        end,
        (
            select 'the table lacks ' || string_agg(distinct feature, ', ' order by feature)
            || ', which the champion was trained on'
            from _attrition_columns where coalesce(place, 0) = 0
        ),
        (
            select string_agg(
                distinct feature || ' has the type ' || given_type || ', expected '
                || case when is_text then 'text or whole numbers' else 'a number' end,
                '; '
            )
            from _attrition_columns
            where not regexp_full_match(
                given_type,
                case
                    when is_text then {text_types}
                    else {number_types}
                end
            )
        ),
        case
            when
                calibration.method = 'seasonal'
                and not coalesce(
                    types[list_position(names, 'as_of_date')] in ('DATE', 'TIMESTAMP'), false
                )
                then 'the champion is calibrated by season: the table needs as_of_date, a date'
        end,
        (
            select 'the table already has a column ' || string_agg(name, ', ')
            from (select unnest(names) as name)
            where
                name in (
                    'attrition_margin', 'attrition_probability', 'model_version', 'attrition_row'
                )
        )
    ) as problem
    from _attrition_given, _attrition_counts as counts, _attrition_calibration as calibration
),

_attrition_model as materialized (
    select
        (select 'score_customers: ' || problem from _attrition_problem) as problem,
        (
            select list({
                'place': place, 'is_text': is_text, 'encoding': encoding,
                'levels': levels, 'fill_level': fill_level,
                'fill': cast(fill_number as float),
                'number': case
                    when not is_text and encoding = 'dummy' then cast(levels[1] as float)
                end
            } order by column_number)
            from _attrition_columns
        ) as columns,
        (select list_position(names, 'as_of_date') from _attrition_given) as date_place,
        (select len(names) from _attrition_given) as width,
        (
            select list({
                'x': column_number, 'fill': fill, 'low': lowest, 'high': highest, 'mean': mean,
                'scale': scale, 'c': coefficient, 'u': missing_mean, 's': missing_scale,
                'd': missing_coefficient
            } order by model, column_number)
            from attrition_champion_linear
        ) as terms
),

_attrition_values as (
    -- the number of the row comes first, so a column stands one place later
    select
        attrition_row,
        list_value(*columns('^n_')) as numbers,
        list_value(*columns('^t_')) as texts
    from (
        select
            attrition_row,
            case
                when
                    regexp_full_match(typeof(columns('.*')), {number_types})
                    and isfinite(try_cast(columns('.*') as float))
                    then try_cast(columns('.*') as float)
            end as 'n_\0',
            case
                when not regexp_full_match(typeof(columns('.*')), {fraction_types})
                    then cast(columns('.*') as varchar)
            end as 't_\0'
        from _attrition_input
    )
),

_attrition_encoded as (
    select
        attrition_row,
        case
            when problem is not null then error(problem)
            when len(numbers) != model.width + 1 or len(texts) != model.width + 1
                then error('score_customers: the columns of the table cannot be told apart')
            else list_transform(model.columns, lambda c: case
                when c.encoding = 'number'
                    then cast(coalesce(numbers[c.place + 1], c.fill) as double)
                when c.encoding = 'rank'
                    then cast(
                        nullif(
                            list_position(c.levels, coalesce(texts[c.place + 1], c.fill_level)), 0
                        ) - 1 as double
                    )
                when c.is_text
                    then cast(
                        coalesce(coalesce(texts[c.place + 1], c.fill_level) = c.levels[1], false)
                        as double
                    )
                else cast(
                    coalesce(coalesce(numbers[c.place + 1], c.fill) = c.number, false) as double
                )
            end)
        end as v,
        try_cast(texts[date_place + 1] as date) as as_of_date
    from _attrition_values, _attrition_model as model
),

_attrition_rows as materialized (
    select
        *,
        -- a missing value lies below every threshold, or above: nodes choose between two copies;
        -- what fills a tree up looks at the last place
        list_concat(
            list_transform(v, lambda e: coalesce(e, -'inf'::double)),
            list_transform(v, lambda e: coalesce(e, 'inf'::double)),
            [-'inf'::double]
        ) as x
    from _attrition_encoded
),

_attrition_depths as (
    select
        tree,
        case {walked} end as levels
    from (select tree, max(node) as deepest from attrition_champion_trees group by tree)
),

_attrition_decisions as (
    select
        places.tree,
        list(
            case
                when nodes.column_number is null then 2 * calibration.column_count + 1
                when nodes.is_missing_below then nodes.column_number
                else calibration.column_count + nodes.column_number
            end order by places.node
        ) as f,
        list(coalesce(nodes.threshold, 0) order by places.node) as t
    from (
        select tree, unnest(generate_series(1, cast(2 ** levels as integer) - 1)) as node
        from _attrition_depths
    ) as places
    left join attrition_champion_trees as nodes
        on places.tree = nodes.tree and places.node = nodes.node
    cross join attrition_champion_calibration as calibration
    group by places.tree
),

_attrition_ends as (
    select
        places.tree,
        any_value(places.levels) as levels,
        list(leaves.leaf order by places.leaf_place) as l
    from (
        select tree, levels, unnest(generate_series(1, cast(2 ** levels as integer))) as leaf_place
        from _attrition_depths
    ) as places
    left join (
        -- a filled up tree goes below, and so to the first of the places under the leaf
        select
            tree,
            leaf,
            node * cast(2 ** (levels - floor(log2(node))) as bigint)
            - cast(2 ** levels as bigint) + 1 as leaf_place
        from attrition_champion_trees inner join _attrition_depths using (tree)
        where leaf is not null
    ) as leaves
        on places.tree = leaves.tree and places.leaf_place = leaves.leaf_place
    group by places.tree
),

_attrition_trees as materialized (
    select levels, f, t, l from _attrition_decisions inner join _attrition_ends using (tree)
),

_attrition_leaves as (
    select
        attrition_row,
        sum(
            coalesce(leaf, error('score_customers: a tree of the champion has no leaf there'))
        ) as leaves
    from ({walks})
    group by attrition_row
),

_attrition_margins as (
    select
        given.attrition_row,
        given.as_of_date,
        calibration.base_margin
        + case when calibration.node_count = 0 then 0 else leaves.leaves end
        + coalesce(
            list_sum(list_transform(model.terms, lambda e:
                e.c * (
                    greatest(e.low, least(e.high, coalesce(
                        sign(v[e.x]) * ln(1 + abs(v[e.x])), e.fill
                    ))) - e.mean
                ) / e.scale
                + e.d * (case when v[e.x] is null then 1 else 0 end - e.u) / e.s
            )),
            0
        ) as margin
    from _attrition_rows as given
    left join _attrition_leaves as leaves on given.attrition_row = leaves.attrition_row
    cross join _attrition_model as model
    cross join attrition_champion_calibration as calibration
),

_attrition_calibrated as (
    select
        margins.*,
        calibration.version_id,
        calibration.method,
        from_json(calibration.knot_margins, '["DOUBLE"]') as knots,
        from_json(calibration.knot_probabilities, '["DOUBLE"]') as probabilities,
        calibration.slope * margin + case
            when calibration.method != 'seasonal' then calibration.intercept
            when as_of_date is null
                then error('score_customers: as_of_date is null, and the calibration is by season')
            else from_json(calibration.intercepts_by_month, '["DOUBLE"]')[month(as_of_date)]
        end as log_odds
    from _attrition_margins as margins, attrition_champion_calibration as calibration
),

_attrition_scored as (
    select
        *,
        case
            when method in ('none', 'sigmoid', 'seasonal')
                then case when log_odds >= 0 then 1 else exp(log_odds) end
                / (1 + exp(-abs(log_odds)))
            when method = 'isotonic'
                then case
                    when below = 0 then probabilities[1]
                    when below = len(knots) then probabilities[below]
                    else probabilities[below]
                        + (margin - knots[below]) / (knots[below + 1] - knots[below])
                        * (probabilities[below + 1] - probabilities[below])
                end
            else error('score_customers: the calibration ' || method || ' is not known')
        end as probability
    from (
        select *, len(list_filter(knots, lambda knot: knot <= margin)) as below
        from _attrition_calibrated
    )
)

select
    given.* exclude (attrition_row),
    scored.margin as attrition_margin,
    scored.probability as attrition_probability,
    scored.version_id as model_version
from _attrition_input as given
inner join _attrition_scored as scored on given.attrition_row = scored.attrition_row
cross join _attrition_model as model
-- also where nobody reads what is computed here
where case when model.problem is null then true else cast(error(model.problem) as boolean) end
"""
