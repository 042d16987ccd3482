"""Which column of somebody's file is which column of the raw contract, by name and contents."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

import duckdb

from attrition.own_data.contract_sql import ContractSql
from attrition.own_data.raw_contract import Column
from attrition.project.quoting import identifier, literal

PROFILED_ROWS = 100_000
_MOST = 0.9
_HALF = 0.5

_KEY_WORDS = {"id", "key", "code", "no", "nr", "uuid", "guid"}

# What is left of a date when its time, its zone and its weekday are cut off. An order of day and
# month that nothing tells apart is asked for.
_DAY_FORMATS = (
    "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%m.%d.%Y", "%d-%m-%Y", "%m-%d-%Y",
    "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%m.%d.%y", "%d-%m-%y", "%m-%d-%y",
    "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d %b %y", "%b %d, %Y", "%b %d %Y",
    "%d %B %Y", "%d. %B %Y", "%B %d, %Y", "%B %d %Y",
    "%Y.%m.%d", "%Y/%m/%d", "%Y-%m-%d",
)  # fmt: skip
_CLOCK = r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?( ?[AaPp][.]?[Mm][.]?)?"
_CUT_OFF = (
    (r"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? +", ""),
    (rf" {_CLOCK}( [A-Z]{{3,4}})? ([0-9]{{4}})$", r" \5"),
    (rf"(,? +|T){_CLOCK} ?(Z|UTC|GMT|[A-Z]{{3,4}}|[+-][0-9]{{2}}:?[0-9]{{2}})?$", ""),
)
# form of a number that stands for a day: (what it must lie between, SQL that makes a day of it)
_COUNTED_DAYS = {
    "days as Excel counts them": (20_000, 80_000, "date '1899-12-30' + cast({number} as integer)"),
    "seconds since 1970": (
        300_000_000, 4_000_000_000, "cast(epoch_ms(cast({number} * 1000 as bigint)) as date)"
    ),
    "milliseconds since 1970": (
        300_000_000_000, 4_000_000_000_000, "cast(epoch_ms(cast({number} as bigint)) as date)"
    ),
}  # fmt: skip
_NAMES_A_TIME = re.compile(
    r"date|time|day|(^|_)(at|on|when)$|At$|datum|tag$|fecha|data|^created$|epoch|unix|^seconds?$|^ts$",
    re.I,
)
# form: (what the text must look like without a currency, SQL that makes a number of it)
_NUMBER_FORMS = {
    "comma for thousands": (
        r"[+-]?([1-9][0-9]{0,2}(,[0-9]{3})+|[0-9]+)(\.[0-9]+)?",
        "replace({text}, ',', '')",
    ),
    "comma for decimals": (
        r"[+-]?([1-9][0-9]{0,2}(\.[0-9]{3})+|[0-9]+)(,[0-9]+)?",
        "replace(replace({text}, '.', ''), ',', '.')",
    ),
}
# Digits, separators, a sign and at most a currency; blanks and apostrophes part thousands.
_MONEY = (
    r"[^A-Za-z0-9\"]{0,2}([A-Za-z]{3})? ?[-+]?"
    r"([0-9]{1,3}([ '\x{2019}\x{a0}\x{202f}][0-9]{3})+|[0-9])[0-9.,]*( ?[^0-9\"]{1,5})?"
)
# One thousand, or one with three decimals.
_TWO_WAYS = r"[^0-9]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9]*"


@dataclass(frozen=True)
class ColumnProfile:
    """What the first rows of a column look like.

    Attributes:
        name: Name in the file.
        filled: Rows in which something stands.
        is_complete: Whether something stands in every row.
        distinct_share: Distinct values over filled rows.
        date_share: Share of filled rows that can be read as a date in `date_format`.
        date_format: None when the contract reads the dates as they are, else their format.
        fits_swapped: Whether day and month could as well stand the other way round.
        number_share: Share of filled rows that can be read as a number in `number_format`.
        number_format: `plain`, `comma for thousands` or `comma for decimals`.
        two_ways: One of its numbers, where every one could as well be a thousandth of what it is
            read as, or a thousand times that.
        whole_share: Share of the numbers that are whole.
        boolean_share: Share of filled rows that can be read as true or false.
        values: Distinct texts in lower case, when there are at most 20.
        median: Median of the numbers.
        newest: Newest date, None without one.
        example: A value.
    """

    name: str
    filled: int
    is_complete: bool
    distinct_share: float
    date_share: float
    date_format: str | None
    fits_swapped: bool
    number_share: float
    number_format: str
    whole_share: float
    boolean_share: float
    values: frozenset[str]
    median: float | None
    two_ways: str | None = None
    newest: date | None = None
    example: str | None = None

    @property
    def is_named_as_a_time(self) -> bool:
        """Whether its name says that it holds dates."""
        return bool(_NAMES_A_TIME.search(self.name))

    @property
    def may_count(self) -> str | None:
        """What its whole numbers would count if they were times, None where they cannot be."""
        if min(self.number_share, self.whole_share) < _MOST or self.median is None:
            return None
        for form, (low, high, _) in _COUNTED_DAYS.items():
            if low >= 300_000_000 and low <= self.median <= high:
                return form
        return None


def number_expression(sql: ContractSql, column: str, number_format: str) -> str:
    """Return SQL that reads a number written in one of the known ways.

    Parentheses around it, or a minus behind it, make it negative, as accountants write.
    """
    if number_format == "plain":
        return sql.read(column, "number")
    pattern, cleaned = _NUMBER_FORMS[number_format]
    whole = sql.text(column)
    text = f"regexp_replace(regexp_replace({whole}, '[^0-9.,+-]', '', 'g'), '-$', '')"
    sign = f"case when regexp_matches({whole}, '^[(].*[)]$|-$') then -1 else 1 end"
    read = f"try_cast({cleaned.format(text=text)} as decimal(18, 4))"
    number = f"cast({sign} * {read} as decimal(18, 4))"
    fits = f"regexp_full_match({whole}, {literal(_MONEY)})"
    return f"case when {fits} and regexp_full_match({text}, {literal(pattern)}) then {number} end"


def date_expression(sql: ContractSql, column: str, date_format: str | None) -> str:
    """Return SQL that reads a date written as the contract reads it, or in a given format."""
    if date_format is None:
        return sql.read(column, "date")
    if date_format in _COUNTED_DAYS:
        low, high, day = _COUNTED_DAYS[date_format]
        number = sql.read(column, "number")
        return f"case when {number} between {low} and {high} then {day.format(number=number)} end"
    text = sql.text(column)
    for pattern, kept in _CUT_OFF:
        text = f"regexp_replace({text}, {literal(pattern)}, {literal(kept)})"
    return f"cast(try_strptime({text}, {literal(date_format)}) as date)"


def swapped(date_format: str | None) -> str | None:
    """Return the format with day and month the other way round, None where that is none."""
    if date_format is None or not {"%d", "%m"} <= set(re.findall("%[a-zA-Z]", date_format)):
        return None
    other = date_format.translate(str.maketrans("dm", "md"))
    return other if other in _DAY_FORMATS else None


def profile_columns(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    columns: Sequence[str],
    sql: ContractSql,
    day_first: bool | None = None,
    dates: str | None = None,
) -> list[ColumnProfile]:
    """Profile the first `PROFILED_ROWS` rows of a relation, all of whose columns may be text.

    Args:
        connection: Connection that can read the relation.
        relation: The rows.
        columns: Names of its columns.
        sql: How the project reads values.
        day_first: Whether the day stands before the month in dates of three numbers, None where
            nobody said.
        dates: The column that is known to hold the dates, whatever its name.
    """
    names = ", ".join(identifier(name) for name in columns)
    connection.execute(
        "create or replace temp table profiled_rows as "
        f"select {names} from {relation} limit {PROFILED_ROWS}"
    )
    return [
        _profile(
            connection, name, sql, day_first, bool(_NAMES_A_TIME.search(name) or name == dates)
        )
        for name in columns
    ]


def _profile(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    sql: ContractSql,
    day_first: bool | None,
    may_count: bool,
) -> ColumnProfile:
    text = sql.text(name)
    total, filled, distinct, booleans, example = connection.execute(
        f"select count(*), count({text}), count(distinct {text}), "
        f"count({sql.read(name, 'boolean')}), min({text}) "
        "from profiled_rows"
    ).fetchall()[0]
    rows = max(filled, 1)
    date_format, dates = _best_date_format(connection, name, rows, sql, day_first, may_count)
    other = swapped(date_format) if day_first is None else None
    fits_swapped = other is not None and _dates(connection, name, other, sql) == dates
    newest = connection.execute(
        f"select max({date_expression(sql, name, date_format)}) from profiled_rows"
    ).fetchall()[0][0]
    number_format, numbers = _best_number_format(connection, name, rows, sql)
    dotted, two_ways, of_them = connection.execute(
        f"select count(*) filter ({text} like '%.%'), count(*) filter (fits), "
        f"min({text}) filter (fits) from (select *, "
        f"regexp_full_match({text}, {literal(_TWO_WAYS)}) as fits from profiled_rows)"
    ).fetchall()[0]
    # what has three decimals or none at all is whole, with dots for thousands
    if number_format == "plain" and 0 < dotted == two_ways < numbers:
        number_format = "comma for decimals"
    number = number_expression(sql, name, number_format)
    whole, median = connection.execute(
        f"select count(*) filter ({number} = floor({number})), median({number}) from profiled_rows"
    ).fetchall()[0]
    values: frozenset[str] = frozenset()
    if distinct <= 20:
        found = connection.execute(f"select distinct lower({text}) from profiled_rows").fetchall()
        values = frozenset(value for (value,) in found if value is not None)
    return ColumnProfile(
        name=name,
        filled=filled,
        is_complete=filled == total,
        distinct_share=distinct / rows,
        date_share=dates / rows,
        date_format=date_format,
        fits_swapped=fits_swapped,
        number_share=numbers / rows,
        number_format=number_format,
        two_ways=of_them if two_ways == numbers else None,
        whole_share=whole / max(numbers, 1),
        boolean_share=booleans / rows,
        values=values,
        median=None if median is None else float(median),
        newest=newest,
        example=example,
    )


def _best_date_format(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    filled: int,
    sql: ContractSql,
    day_first: bool | None,
    may_count: bool,
) -> tuple[str | None, int]:
    """Return the format that reads most rows, and how many; the contract's own way first."""
    best: tuple[str | None, int] = (None, _dates(connection, name, None, sql))
    if best[1] == filled:
        return best
    text = sql.text(name)
    candidates = connection.execute(
        "select count(*) from profiled_rows "
        f"where regexp_matches({text}, '[0-9]{{1,4}}[/., -].*[0-9]{{1,4}}')"
    ).fetchall()[0][0]
    formats: list[str] = []
    if candidates >= _HALF * filled:
        formats += _DAY_FORMATS
    if may_count:
        formats += _COUNTED_DAYS
    for date_format in formats:
        is_day_first = date_format.startswith("%d")
        if day_first is not None and swapped(date_format) and is_day_first != day_first:
            continue
        count = _dates(connection, name, date_format, sql)
        if count > best[1]:
            best = (date_format, count)
    return best


def _dates(
    connection: duckdb.DuckDBPyConnection, name: str, date_format: str | None, sql: ContractSql
) -> int:
    day = date_expression(sql, name, date_format)
    return connection.execute(
        f"select count(*) from profiled_rows where {day} between '1950-01-01' and '2099-12-31'"
    ).fetchall()[0][0]


def _best_number_format(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    filled: int,
    sql: ContractSql,
) -> tuple[str, int]:
    best = ("plain", 0)
    for number_format in ("plain", *_NUMBER_FORMS):
        if number_format != "plain" and not _looks_like_money(connection, name, sql):
            break
        count = connection.execute(
            f"select count({number_expression(sql, name, number_format)}) from profiled_rows"
        ).fetchall()[0][0]
        if count > best[1]:
            best = (number_format, count)
        if best[1] == filled:
            break
    return best


def _looks_like_money(connection: duckdb.DuckDBPyConnection, name: str, sql: ContractSql) -> bool:
    """Say whether most values look like sums of money."""
    text = sql.text(name)
    share = connection.execute(
        f"select avg(cast(regexp_full_match({text}, {literal(_MONEY)}) as integer)) "
        "from profiled_rows"
    ).fetchall()[0][0]
    return (share or 0) >= _MOST


def repeating_share(
    connection: duckdb.DuckDBPyConnection, sql: ContractSql, name: str, day: str
) -> float:
    """Return the share of a column's values that stand beside more than one day.

    A customer does, where customers come back; an order does not.

    Args:
        connection: Connection whose profiled rows are looked at.
        sql: How the project reads values.
        name: The column.
        day: SQL of the day.
    """
    text = sql.text(name)
    return connection.execute(
        "select coalesce(avg(cast(days > 1 as integer)), 0) from ("
        f"select count(distinct {day}) as days from profiled_rows where {text} is not null "
        f"group by {text})"
    ).fetchall()[0][0]


def name_score(column: Column, name: str) -> float:
    """Say from 0 to 1 how much a name is like a contract column's name or its aliases."""
    words = words_of(name)
    joined = "".join(words)
    if is_key_name(name) and column.type in {"number", "boolean"}:
        return 0.0
    if joined == "".join(words_of(column.name)):
        return 1.0
    aliases = [words_of(alias) for alias in (column.name, *column.aliases)]
    for position, alias in enumerate(aliases):
        if joined == "".join(alias):
            return 0.95 - 0.005 * position
    for position, alias in enumerate(aliases):
        if len(alias) == 1 and alias[0] in words and alias[0] != "id":
            return 0.6 - 0.005 * position
    likeness = SequenceMatcher(None, joined, "".join(words_of(column.name))).ratio()
    return 0.5 * likeness if likeness >= 0.75 else 0.0


def is_key_name(name: str) -> bool:
    """Say whether a name is that of a key, whatever stands in the column."""
    words = words_of(name)
    return not _KEY_WORDS.isdisjoint(words) or (len(words) > 1 and words[-1] == "number")


def words_of(name: str) -> list[str]:
    """Split `customerID` and `Customer Ids` into the same words, without plurals and accents."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", spaced.lower())
        if not unicodedata.combining(letter)
    )
    return [
        word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
        for word in re.split(r"[\W_]+", plain)
        if word
    ]


def fit_score(column: Column, profile: ColumnProfile) -> float:
    """Say from 0 to 1 how well the contents fit a contract column; 0 means they do not."""
    if profile.filled == 0:
        return 0.0
    is_date = profile.date_share >= _MOST
    has_fractions = profile.number_share >= _MOST and profile.whole_share < _MOST
    known = set(column.choices)
    scores = {
        "date": profile.date_share if profile.date_share >= _HALF else 0.0,
        "number": profile.number_share if profile.number_share >= _HALF and not is_date else 0.0,
        "boolean": profile.boolean_share if profile.boolean_share >= _MOST else 0.0,
        # a record without its category, or with another one, would be rejected
        "category": float(profile.is_complete and bool(profile.values) and profile.values <= known),
        "identifier": 0.0 if has_fractions or is_date else 0.5,
    }
    return scores.get(column.type, 0.5)


def best_match(
    column: Column, profiles: Iterable[ColumnProfile], taken: Collection[str] = ()
) -> ColumnProfile | None:
    """Return the column of the file that most looks like a contract column, or None."""
    scored = [
        (name_score(column, profile.name) + 0.5 * fit_score(column, profile), profile)
        for profile in profiles
        if profile.name not in taken
        and fit_score(column, profile) > 0
        and (name_score(column, profile.name) > 0 or _speaks_for_itself(column, profile))
    ]
    return max(scored, key=lambda pair: pair[0])[1] if scored else None


def _speaks_for_itself(column: Column, profile: ColumnProfile) -> bool:
    """Say whether contents alone are reason enough."""
    if column.type == "date":
        return column.is_required and profile.date_share >= _MOST
    if column.name == "customer_id":
        return profile.distinct_share < _MOST and not profile.values and profile.filled > 20
    if column.name == "amount":
        return profile.number_share >= _MOST and profile.whole_share < _MOST
    return column.type == "category"
