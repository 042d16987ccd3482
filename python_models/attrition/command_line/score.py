"""Score a file of customers with the champion, by the published copy's `score_customers`."""

from collections.abc import Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

from attrition.command_line.summary import connect_published
from attrition.errors import AttritionError, first_line

_READERS = {
    # as text: a guess at types would make 1.5 of the category 1.50
    ".csv": "read_csv($1, all_varchar = true, header = true, strict_mode = true)",
    ".parquet": "read_parquet($1)",
    ".json": "read_json($1)",
}
_GIVEN = "attrition_given_file"
_ANSWER = "attrition_probability", "is_predicted_attrition", "model_version"


def score_file(published: Path, given: Path, may_lack: bool = False) -> pa.Table:
    """Score each row of a file.

    Args:
        published: The published copy.
        given: CSV, Parquet or JSON with the features that the champion was trained on, as columns.
        may_lack: Whether features that the file lacks count as unknown.

    Returns:
        One row for each of the file, in its order: its columns that are no features, then
        `attrition_probability`, `is_predicted_attrition`, `model_version`.

    Raises:
        AttritionError: The file or a value of it cannot be read, a feature is missing, or there is
            no champion.
    """
    rows = _read(given)
    with connect_published(published) as connection:
        features = _features(connection)
        _refuse(rows, features, given, may_lack)
        connection.register("attrition_file", rows)
        connection.execute(f"create temp table {_GIVEN} as {_typed(connection, rows, features)}")
        kept = [name for name in rows.column_names if name.lower() not in features]
        try:
            return connection.sql(
                f"""
                select {"".join(f"scored.{_quoted(name)}, " for name in kept)}
                    attrition_probability,
                    attrition_probability >= versions.decision_threshold as is_predicted_attrition,
                    model_version
                from score_customers('{_GIVEN}') as scored
                left join attrition_model_versions as versions
                    on scored.model_version = versions.version_id
                order by attrition_line
                """
            ).to_arrow_table()
        except duckdb.Error as error:
            raise AttritionError(f"{given} cannot be scored: {_told(error)}") from error


def _read(given: Path) -> pa.Table:
    if not given.is_file():
        raise AttritionError(f"--input: there is no file {given}.")
    reader = _READERS.get(given.suffix.lower())
    if reader is None:
        raise AttritionError(f"--input: {given} ends in none of {', '.join(_READERS)}.")
    with duckdb.connect() as connection:
        try:
            rows = connection.sql(f"from {reader}", params=[str(given)]).to_arrow_table()
        except duckdb.Error as error:
            raise AttritionError(f"--input: {given} cannot be read: {first_line(error)}") from error
    taken = {*_ANSWER, "attrition_margin", "attrition_line"} & set(
        map(str.lower, rows.column_names)
    )
    if taken:
        raise AttritionError(
            f"--input: {given} already has a column {min(taken)}, which scoring makes: rename it."
        )
    return rows


def _features(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return {name in lower case: data type} of the champion's features."""
    try:
        found = connection.execute(
            "select distinct lower(feature), data_type from attrition_champion_encoding order by 1"
        ).fetchall()
    except duckdb.CatalogException:
        found = []
    if not found:
        raise AttritionError(
            "There is no champion to score with: `attrition summary` says why, and `attrition "
            "build` trains one where the data allow it."
        )
    return dict(found)


def _refuse(rows: pa.Table, features: Mapping[str, str], given: Path, may_lack: bool) -> None:
    lacking = sorted(features.keys() - set(map(str.lower, rows.column_names)))
    if len(lacking) == len(features) or (lacking and not may_lack):
        named = ", ".join(lacking[:10]) + (f" and {len(lacking) - 10} more" if lacking[10:] else "")
        raise AttritionError(
            f"--input: {given} lacks {named}, of {len(features)} features that the champion reads. "
            "Raw records are scored by `attrition build`; what a file of features looks like: "
            '`attrition query "select * exclude (attrition_probability, model_version) from '
            'attrition_scored_features" --format csv --limit 5`. '
            "With --allow-missing, features that the file lacks count as unknown."
        )


def _typed(
    connection: duckdb.DuckDBPyConnection, rows: pa.Table, features: Mapping[str, str]
) -> str:
    """Return a query of the file with numbers for texts, and null for features it lacks."""
    columns = ["row_number() over () as attrition_line"]
    for field in rows.schema:
        name, is_text = _quoted(field.name), pa.types.is_string(field.type)
        kind = features.get(field.name.lower())
        if not is_text or kind == "category" or (kind is None and field.name != "as_of_date"):
            columns.append(name)
            continue
        value = _as_date(name) if kind is None else _as_number(name)
        _refuse_text(connection, field.name, value, "a date" if kind is None else "a number")
        columns.append(f"{value} as {name}")
    there = set(map(str.lower, rows.column_names))
    for name, kind in features.items():
        if name not in there:
            columns.append(f"null::{'varchar' if kind == 'category' else 'double'} as {name}")
    return f"select {', '.join(columns)} from attrition_file"


def _as_date(name: str) -> str:
    return f"try_cast({name} as date)"


def _as_number(name: str) -> str:
    words = "when 'true' then 1 when 'yes' then 1 when 'false' then 0 when 'no' then 0"
    return f"coalesce(try_cast({name} as double), case lower(trim({name})) {words} end)"


def _refuse_text(
    connection: duckdb.DuckDBPyConnection, name: str, value: str, expected: str
) -> None:
    quoted = _quoted(name)
    found = connection.execute(
        f"select number, text from (select row_number() over () as number, {quoted} as text, "
        f"{value} as value from attrition_file) "
        "where value is null and trim(text) not in ('', 'unknown') order by number limit 1"
    ).fetchone()
    if found:
        raise AttritionError(
            f"--input: row {found[0]} has {found[1]!r} as {name}, expected {expected}, or nothing "
            "where it is unknown."
        )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _told(error: duckdb.Error) -> str:
    return first_line(error).rpartition("score_customers: ")[2]
