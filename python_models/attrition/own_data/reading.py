"""How a file of sales is to be read: a column of it for each column of the raw contract."""

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from attrition.errors import AttritionError
from attrition.own_data.column_match import (
    ColumnProfile,
    best_match,
    date_expression,
    name_score,
    number_expression,
    profile_columns,
    repeating_share,
    swapped,
    words_of,
)
from attrition.own_data.contract_sql import ContractSql
from attrition.own_data.doubts import Doubts, find_doubts
from attrition.own_data.money_columns import MoneyColumns, money_columns
from attrition.own_data.raw_contract import Column, Table
from attrition.own_data.raw_file import SourceFile, open_raw_file, spelled
from attrition.project.quoting import identifier, literal

_ASSIGNMENT_ORDER = (
    "sold_on", "customer_id", "is_return", "product_type", "quantity", "amount", "sale_id",
    "product_id",
)  # fmt: skip
_MOST = 0.9
_LONG_AGO = 5 * 366
_FEW_ROWS = 200
_SOME_COME_BACK = 0.05
_NAMED = 0.6
_SURE = 0.9
_READABLE = 0.5
_UNDONE = {
    "cancelled", "canceled", "refunded", "returned", "failed", "void", "voided", "storniert",
    "declined", "annule", "annulee", "rembourse", "cancelado", "cancelada", "devuelto",
}  # fmt: skip
_NOT_QUITE = {"partially", "partial", "partly", "not", "un", "non"}
_STARTS = {
    "start", "started", "begin", "began", "from", "signup", "joined", "activated", "subscribed",
}  # fmt: skip
_ENDS = {
    "end", "ended", "until", "to", "expiry", "expire", "expired", "cancelled", "canceled",
    "churned", "churn", "terminated", "closed",
}  # fmt: skip


class DayOrderError(AttritionError):
    """Nothing in the file tells whether the day or the month stands first in its dates."""


@dataclass(frozen=True)
class Told:
    """What somebody said of a file.

    Attributes:
        columns: {contract column: column of the file, or None where it is to have none}.
        day_first: Whether the day stands before the month in dates, None where nobody said.
        guests: Ids that stand for customers without one.
        undone: {column: its values that say that a sale was undone}.
    """

    columns: Mapping[str, str | None] = field(default_factory=dict)
    day_first: bool | None = None
    guests: Sequence[str] = ()
    undone: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class ColumnChoice:
    """How one contract column is read from the file.

    Attributes:
        theirs: Column of the file, or of the copy when `derived` is given; None when the file
            has none.
        derived: SQL of a column that the copy gets in addition, because the contract cannot
            read the file's own; None when it can.
        reason: What speaks for it, in words.
        original: The file's own column whose dates or numbers are read; None where it is neither.
    """

    theirs: str | None
    derived: str | None
    reason: str
    original: str | None = None


@dataclass(frozen=True)
class Unread:
    """Values of a column that cannot be read as the others are.

    Attributes:
        count: How many.
        total: Of how many filled ones.
        example: One of them.
        read: One that is read.
    """

    count: int
    total: int
    example: str
    read: str


@dataclass(frozen=True)
class Reading:
    """A file and how it is read.

    Attributes:
        source: The file.
        columns: {contract column: choice}, in the order of the contract.
        undone: {column: its values that say that a sale was undone}; nothing reads them.
        unread: {column: values that are not read as its others are}.
        spelled_apart: Customers that another differs from in capitals alone.
        doubts: What makes money and units doubtful.
    """

    source: SourceFile
    columns: Mapping[str, ColumnChoice]
    undone: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unread: Mapping[str, Unread] = field(default_factory=dict)
    spelled_apart: int = 0
    doubts: Doubts = field(default_factory=Doubts)

    @property
    def needs_copy(self) -> bool:
        """Whether the project cannot read the file where it lies."""
        derived = any(choice.derived is not None for choice in self.columns.values())
        return derived or not self.source.is_readable_as_is

    @property
    def mapping(self) -> dict[str, str | None]:
        """{contract column: column of the file}, where the names differ.

        None where the file has a column of that name which is not to be read.
        """
        return {
            name: choice.theirs
            for name, choice in self.columns.items()
            if (choice.theirs or "").lower() != name
            and (choice.theirs is not None or spelled(name, self.source.columns))
        }

    def settings(self, location: str) -> dict[str, Any]:
        """Return the settings that read the file from a folder."""
        return {
            "raw_data": "source",
            "raw_location": location,
            **({"raw_csv": self.source.raw_csv} if self.source.raw_csv else {}),
            "raw_columns": {"sales": self.mapping} if self.mapping else {},
            "feature_domains": ["sales"],
        }

    @contextmanager
    def readable_folder(self, connection: duckdb.DuckDBPyConnection) -> Iterator[Path]:
        """Give a folder from which the project can read the file, for a while."""
        if not self.needs_copy:
            yield self.source.path.resolve().parent
            return
        with tempfile.TemporaryDirectory(prefix="attrition_init_") as name:
            self.write_copy(connection, Path(name))
            yield Path(name)

    def write_copy(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> Path:
        """Write `sales.parquet`: every column of the file, and the rewritten ones beside them.

        Raises:
            AttritionError: When the folder cannot be written.
        """
        path = folder / "sales.parquet"
        if (folder / "sales.csv").exists():
            raise AttritionError(
                f"{folder / 'sales.csv'} lies there already, and beside the copy the project would "
                "not know which to read. Move it away, or name another folder with --out."
            )
        partial = folder / ".sales.parquet.partial"
        derived = "".join(
            f", {choice.derived} as {identifier(choice.theirs)}"
            for choice in self.columns.values()
            if choice.derived is not None and choice.theirs is not None
        )
        try:
            folder.mkdir(parents=True, exist_ok=True)
            connection.execute(
                f"copy (select *{derived} from {self.source.relation}) "
                f"to {literal(str(partial))} (format parquet, compression zstd)"
            )
            partial.replace(path)
        except (OSError, duckdb.Error) as error:
            raise AttritionError(f"{path} cannot be written: {error}") from error
        finally:
            partial.unlink(missing_ok=True)
        return path


def read_file(
    connection: duckdb.DuckDBPyConnection,
    file: Path,
    told: Told,
    sales: Table,
    sql: ContractSql,
) -> Reading:
    """Look at a file and choose how it is read.

    Args:
        connection: In-memory DuckDB connection; gets temporary tables.
        file: The file of sales.
        told: What somebody said of it.
        sales: The raw contract of sales.
        sql: How the project reads values.

    Raises:
        DayOrderError: Day and month may stand either way round in all dates.
        AttritionError: The file is no table, or of no purchases; a required column is found
            nowhere; or a column, a guest or a value that was given does not exist.
    """
    source = open_raw_file(connection, file, sql)
    dates = spelled(told.columns.get("sold_on") or "", source.columns)
    profiles = profile_columns(
        connection, source.relation, source.columns, sql, told.day_first, dates
    )
    columns = choose_columns(connection, source, profiles, told.columns, sales, sql)
    chosen = {
        name: choice.original or choice.theirs or ""
        for name, choice in columns.items()
        if choice.theirs is not None and (choice.derived is None or choice.original)
    }
    customers = columns["customer_id"]
    apart = _spelled_apart(connection, source, sql, chosen["customer_id"])
    if apart and _are_addresses(connection, source, sql, chosen["customer_id"]):
        columns["customer_id"], apart = _in_small_letters(source, sql, customers, apart), 0
    if told.guests:
        columns["customer_id"] = _without_guests(connection, source, sql, columns, told.guests)
    for theirs, values in told.undone.items():
        columns["is_return"] = _undone(connection, source, sql, columns, theirs, values)
    read = {choice.theirs for choice in columns.values()}
    read |= {spelled(name, source.columns) for name in told.undone}
    undone = {
        profile.name: tuple(sorted(found))
        for profile in profiles
        if (found := set(filter(_is_undone, profile.values))) and profile.name not in read
    }
    types = {column.name: column.type for column in sales.columns}
    unread = {
        choice.original: found
        for name, choice in columns.items()
        if choice.original and (found := _unread(connection, source, sql, choice, types[name]))
    }
    sold_on = next(profile for profile in profiles if profile.name == chosen["sold_on"])
    day = date_expression(sql, sold_on.name, sold_on.date_format)
    missing = [
        name
        for name in ("quantity", "amount")
        # units times a price are money, though in no column
        if name not in {*told.columns, *chosen} and not (name == "amount" and columns[name].derived)
    ]
    doubts = find_doubts(connection, sql, profiles, chosen, day, missing)
    return Reading(source, columns, undone, unread, apart, doubts)


def _is_undone(value: str) -> bool:
    words = set(words_of(value))
    return not words.isdisjoint(_UNDONE) and words.isdisjoint(_NOT_QUITE)


def _spelled_apart(
    connection: duckdb.DuckDBPyConnection, source: SourceFile, sql: ContractSql, column: str
) -> int:
    text = sql.text(column)
    return connection.execute(
        f"select count(distinct {text}) - count(distinct lower({text})) from {source.relation}"
    ).fetchall()[0][0]


def _are_addresses(
    connection: duckdb.DuckDBPyConnection, source: SourceFile, sql: ContractSql, column: str
) -> bool:
    share = connection.execute(
        f"select avg(cast({sql.text(column)} like '%@%' as integer)) from {source.relation}"
    ).fetchall()[0][0]
    return (share or 0) >= _MOST


def _in_small_letters(
    source: SourceFile, sql: ContractSql, customers: ColumnChoice, apart: int
) -> ColumnChoice:
    theirs = customers.theirs or ""
    return ColumnChoice(
        _free_name("customer_id", source),
        f"lower({sql.text(theirs)})",
        f"`{theirs}` in small letters: {apart:,} e-mails differ from others in capitals alone",
    )


def _unread(
    connection: duckdb.DuckDBPyConnection,
    source: SourceFile,
    sql: ContractSql,
    choice: ColumnChoice,
    contract_type: str,
) -> Unread | None:
    """Return the values of a column of dates or numbers that the project will not read."""
    value = choice.derived or identifier(choice.original or "")
    is_read = f"{sql.read('value', contract_type)} is not null"
    count, total, example, read = connection.execute(
        f"select count(*) filter (not ({is_read})), count(*), min(text) filter (not ({is_read})), "
        f"min(text) filter ({is_read}) from (select {sql.text(choice.original or '')} as text, "
        f"{value} as value from {source.relation}) where text is not null"
    ).fetchall()[0]
    return Unread(count, total, example, read) if count and read is not None else None


def choose_columns(
    connection: duckdb.DuckDBPyConnection,
    source: SourceFile,
    found: Sequence[ColumnProfile],
    given: Mapping[str, str | None],
    sales: Table,
    sql: ContractSql,
) -> dict[str, ColumnChoice]:
    """Choose a column of the file for each column of the contract.

    Args:
        connection: Connection that can read the file.
        source: The file.
        found: What its columns look like.
        given: {contract column: column of the file, or None} that is settled.
        sales: The raw contract of sales.
        sql: How the project reads values.

    Raises:
        AttritionError: When a required column is found nowhere, or a given one does not exist.
    """
    _check_given(source, given, sales)
    profiles = {profile.name: profile for profile in found}
    settled = {
        name: spelled(theirs, source.columns) if theirs is not None else None
        for name, theirs in given.items()
    }
    chosen: dict[str, ColumnProfile] = {
        name: profiles[theirs] for name, theirs in settled.items() if theirs
    }
    money = MoneyColumns()
    for name in _ASSIGNMENT_ORDER:
        if name in settled:
            continue
        free = [p for p in found if p not in chosen.values()]
        if name == "sold_on":
            free = _recent(free)
        elif name == "customer_id" and "sold_on" in chosen:
            free = _coming_back(connection, sql, free, chosen["sold_on"], sales)
        elif name == "amount":
            named = {p.name for p in free if name_score(sales.column(name), p.name) > 0}
            money = money_columns(connection, sql, free, chosen.get("quantity"), named)
            free = list(money.sums)
        match = best_match(sales.column(name), free)
        if match and (name != "sale_id" or _is_key(connection, source, sql.text(match.name))):
            chosen[name] = match
    _check_found(source, chosen, profiles.values())
    _check_numbers(
        source,
        chosen,
        [p for n, p in profiles.items() if n not in given.values()],
        [sales.column(n) for n in ("quantity", "amount") if n not in settled],
    )
    _check_order(chosen["sold_on"])
    if "sold_on" not in settled:
        _refuse_spans(connection, source, sql, chosen, found)
    return {
        column.name: ColumnChoice(None, None, "left out, as given")
        if column.name in settled and settled[column.name] is None
        else _choice(column, chosen, source, sql, money.price)
        for column in sales.columns
    }


def _recent(profiles: list[ColumnProfile]) -> list[ColumnProfile]:
    """Leave out dates that ended long before others in the file did, as days of birth do."""
    dated = [p.newest for p in profiles if p.newest is not None and p.date_share >= _MOST]
    if not dated:
        return profiles
    return [p for p in profiles if p.newest is None or (max(dated) - p.newest).days <= _LONG_AGO]


def _coming_back(
    connection: duckdb.DuckDBPyConnection,
    sql: ContractSql,
    profiles: list[ColumnProfile],
    dates: ColumnProfile,
    sales: Table,
) -> list[ColumnProfile]:
    """Leave out what is no customer: kinds of them, products, orders where others come back.

    A column with the contract's own name is believed.
    """
    day = date_expression(sql, dates.name, dates.date_format)
    column = sales.column("customer_id")
    named = {p.name: name_score(column, p.name) for p in profiles}
    ours = [p for p in profiles if named[p.name] == 1]
    if ours:
        return ours
    others = [other for other in sales.columns if other.name != "customer_id"]
    many = [
        p
        for p in profiles
        if (not p.values or p.filled < _FEW_ROWS)
        and all(name_score(other, p.name) <= named[p.name] for other in others)
    ]
    shares = {p.name: repeating_share(connection, sql, p.name, day) for p in many}
    # an `id` alone may be anything's
    by_name = [p for p in many if named[p.name] >= _NAMED and p.name.lower() != "id"]
    if by_name:
        return [p for p in by_name if shares[p.name] >= _SOME_COME_BACK] or by_name
    most = max(shares.values(), default=0)
    if most < _SOME_COME_BACK:
        return [p for p in many if named[p.name] >= _NAMED]
    return [p for p in many if shares[p.name] >= most / 2]


def _is_key(connection: duckdb.DuckDBPyConnection, source: SourceFile, text: str) -> bool:
    """Say whether a column is filled and different in every row, which a key must be."""
    return connection.execute(
        f"select count({text}) = count(*) and count(distinct {text}) = count(*) "
        f"from {source.relation}"
    ).fetchall()[0][0]


def _check_given(source: SourceFile, given: Mapping[str, str], sales: Table) -> None:
    for name, theirs in given.items():
        is_known = name in sales.column_names and theirs is not None
        if is_known and spelled(str(theirs), source.columns) is None:
            raise AttritionError(
                f"raw_columns.sales.{name}: {source.path.name} has no column `{theirs}`; "
                f"it has {', '.join(source.columns)}."
            )


def _check_order(dates: ColumnProfile) -> None:
    if dates.fits_swapped:
        words = " or ".join(
            _words(form) for form in (dates.date_format, swapped(dates.date_format)) if form
        )
        raise DayOrderError(
            f"Every date of `{dates.name}`, such as {dates.example}, can be read as {words}. Say "
            "which it is: --day-first or --month-first."
        )


def _check_found(
    source: SourceFile, chosen: Mapping[str, ColumnProfile], profiles: Iterable[ColumnProfile]
) -> None:
    if "sold_on" not in chosen:
        for profile in profiles:
            if profile.is_named_as_a_time and profile.example is not None:
                raise AttritionError(
                    f"`{profile.name}` of {source.path.name} is named as a date, and its values, "
                    f'such as "{profile.example}", are in no form that is read. Write them as '
                    "2024-01-31 in the file, or name another column: "
                    "--set 'raw_columns={sales: {sold_on: your_column}}'"
                )
        for profile in profiles:
            if profile.may_count:
                raise AttritionError(
                    f"No column of {source.path.name} looks like dates; the numbers of "
                    f"`{profile.name}`, such as {profile.example}, may be {profile.may_count}. If "
                    f"so: --set 'raw_columns={{sales: {{sold_on: {profile.name}}}}}'"
                )
    for name, what in (("sold_on", "dates"), ("customer_id", "customers")):
        if name not in chosen:
            raise AttritionError(
                f"No column of {source.path.name} looks like {what}; it has "
                f"{', '.join(source.columns)}. A file of sales has a row for each purchase, with "
                f"a customer and a date. If one of these is it: "
                f"--set 'raw_columns={{sales: {{{name}: your_column}}}}'"
            )


def _refuse_spans(
    connection: duckdb.DuckDBPyConnection,
    source: SourceFile,
    sql: ContractSql,
    chosen: Mapping[str, ColumnProfile],
    profiles: Sequence[ColumnProfile],
) -> None:
    """Refuse a file of subscriptions: it says who is there, not who bought."""
    start, customer = chosen["sold_on"], chosen["customer_id"]
    if _STARTS.isdisjoint(words_of(start.name)):
        return
    begins = date_expression(sql, start.name, start.date_format)
    if repeating_share(connection, sql, customer.name, begins) >= _SOME_COME_BACK:
        return
    for end in profiles:
        if _ENDS.isdisjoint(words_of(end.name)) or end.date_share < _MOST:
            continue
        ends = date_expression(sql, end.name, end.date_format)
        backwards = connection.execute(
            f"select coalesce(avg(cast({ends} < {begins} as integer)), 1) from profiled_rows"
        ).fetchall()[0][0]
        if backwards <= 1 - _MOST:
            raise AttritionError(
                f"{source.path.name} is no file of purchases: its rows reach from `{start.name}` "
                f"to `{end.name}`, as subscriptions do, and hardly a customer has two. Bring the "
                "invoices or payments, one row each. If a start is a purchase: "
                f"--set 'raw_columns={{sales: {{sold_on: {start.name}}}}}'"
            )


def _without_guests(
    connection: duckdb.DuckDBPyConnection,
    source: SourceFile,
    sql: ContractSql,
    columns: Mapping[str, ColumnChoice],
    guests: Sequence[str],
) -> ColumnChoice:
    choice = columns["customer_id"]
    theirs = choice.theirs or ""
    text = choice.derived or sql.text(theirs)
    count = _rows_with(connection, source, "--guest", text, theirs, guests)
    listed = ", ".join(literal(guest) for guest in guests)
    before = f"{choice.reason}; " if choice.derived else ""
    return ColumnChoice(
        _free_name("customer_id", source),
        f"case when {text} not in ({listed}) then {text} end",
        f"{before}`{theirs}` without {', '.join(guests)}: "
        f"{count:,} rows of guests will be rejected",
    )


def _undone(
    connection: duckdb.DuckDBPyConnection,
    source: SourceFile,
    sql: ContractSql,
    columns: Mapping[str, ColumnChoice],
    column: str,
    values: Sequence[str],
) -> ColumnChoice:
    theirs = spelled(column, source.columns)
    if theirs is None:
        raise AttritionError(
            f"--undone {column}: {source.path.name} has no such column; it has "
            f"{', '.join(source.columns)}."
        )
    values = [value.lower() for value in values]
    text = f"lower({sql.text(theirs)})"
    count = _rows_with(connection, source, "--undone", text, theirs, values)
    listed = ", ".join(literal(value) for value in values)
    undone = f"coalesce({text} in ({listed}), false)"
    reason = f"`{theirs}` is {' or '.join(values)}: {count:,} rows are returns"
    before = columns["is_return"]
    if before.theirs is not None:
        read = before.derived or sql.read(before.theirs, "boolean")
        undone, reason = f"coalesce({read}, false) or {undone}", f"{before.reason}; {reason}"
    return ColumnChoice(_free_name("is_return", source), undone, reason)


def _rows_with(
    connection: duckdb.DuckDBPyConnection,
    source: SourceFile,
    option: str,
    text: str,
    column: str,
    values: Sequence[str],
) -> int:
    """Return the number of rows with one of the values, each of which must be there."""
    counts = dict(
        connection.execute(
            f"select {text}, count(*) from {source.relation} group by 1 order by 2 desc, 1"
        ).fetchall()
    )
    for value in values:
        if value not in counts:
            some = ", ".join(str(found) for found in list(counts)[:10])
            raise AttritionError(
                f"{option} {value}: no row of `{column}` has it; the most frequent are {some}."
            )
    return sum(counts[value] for value in values)


def _check_numbers(
    source: SourceFile,
    chosen: Mapping[str, ColumnProfile],
    profiles: Iterable[ColumnProfile],
    columns: Iterable[Column],
) -> None:
    """Stop where figures are there by name and cannot be read, or in two ways."""
    taken = {profile.name for profile in chosen.values()}
    for column in columns:
        profile = chosen.get(column.name)
        if profile is not None and profile.two_ways is not None:
            raise AttritionError(
                f"Every number of `{profile.name}`, such as {profile.two_ways}, can be read with a "
                "thousands separator or with three decimals. Write them in the file without "
                "separators of thousands, or with two decimals."
            )
        for other in profiles if profile is None else ():
            if (
                other.name not in taken
                and other.filled
                and other.number_share < _READABLE
                and name_score(column, other.name) >= _SURE
            ):
                raise AttritionError(
                    f"`{other.name}` of {source.path.name} is named as `{column.name}` is, and its "
                    f'values, such as "{other.example}", are not numbers in a form that is read. '
                    "Correct them in the file, or say that nothing is to be read: "
                    f"--set 'raw_columns={{sales: {{{column.name}: null}}}}'"
                )


def _choice(
    column: Column,
    chosen: Mapping[str, ColumnProfile],
    source: SourceFile,
    sql: ContractSql,
    unit_price: ColumnProfile | None,
) -> ColumnChoice:
    """Say how a contract column is read from the column that was chosen for it."""
    profile = chosen.get(column.name)
    if profile is None:
        if column.name == "quantity" and "amount" not in chosen:
            name = _free_name("quantity", source)
            return ColumnChoice(name, "1", "no units and no money: each row counts as one")
        if column.name == "amount" and "quantity" in chosen and unit_price is not None:
            units = chosen["quantity"]
            money = " * ".join(
                number_expression(sql, p.name, p.number_format) for p in (units, unit_price)
            )
            name = _free_name("amount", source)
            return ColumnChoice(name, money, f"`{units.name}` times `{unit_price.name}`")
        return ColumnChoice(None, None, column.absence)
    free = _free_name(column.name, source)
    if column.type == "date" and profile.date_format is not None:
        read = date_expression(sql, profile.name, profile.date_format)
        derived = f"coalesce(cast({read} as varchar), {sql.text(profile.name)})"
        reason = f"`{profile.name}` rewritten: dates as {_words(profile.date_format)}"
        return ColumnChoice(free, derived, reason, profile.name)
    if column.type == "number" and profile.number_format != "plain":
        read = number_expression(sql, profile.name, profile.number_format)
        derived = f"coalesce(cast({read} as varchar), {sql.text(profile.name)})"
        reason = f"`{profile.name}` rewritten: numbers with {profile.number_format}"
        return ColumnChoice(free, derived, reason, profile.name)
    original = profile.name if column.type in {"date", "number"} else None
    return ColumnChoice(profile.name, None, _seen(column, profile), original)


def _free_name(name: str, source: SourceFile) -> str:
    """Return a name for a column of the copy that the file does not have."""
    taken = {column.lower() for column in source.columns}
    while name in taken:
        name = f"{name}_read"
    return name


def _words(date_format: str) -> str:
    for code, word in (
        ("%d", "day"), ("%m", "month"), ("%b", "month"), ("%B", "month"), ("%Y", "year"),
        ("%y", "year"),
    ):  # fmt: skip
        date_format = date_format.replace(code, word)
    return date_format


def _seen(column: Column, profile: ColumnProfile) -> str:
    """Say what was seen in a column."""
    share = {"date": profile.date_share, "number": profile.number_share}.get(column.type)
    if share is not None:
        noun = "dates" if column.type == "date" else "numbers"
        return f"{noun} in {share:.0%} of the filled rows"
    return f"{profile.distinct_share:.1%} of the values differ" if column.is_required else "by name"
