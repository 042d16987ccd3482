"""Hundreds of files of the same kind of sales, each written another way: right, or refused.

A fixed seed draws how each file is written. What `init` accepts goes through the project's own
staging SQL, and the accepted rows, the units and the money are compared with what was written,
and, where pandas can read the file, with what pandas reads.
"""

import csv
import datetime as dt
import io
import random
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from attrition.errors import AttritionError
from attrition.own_data.contract_sql import ContractSql
from attrition.own_data.raw_contract import read_raw_contract
from attrition.own_data.reading import Told, read_file
from macro_harness import CompilerError
from staged_file import built

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
FILES = 240
SQL = ContractSql(ROOT)
SALES = read_raw_contract(ROOT)["sales"]
TODAY = dt.date.today()

HEADERS = {
    "who": ["customer_id", "Customer ID", "CustomerID", "client", "Kundennummer", "member_id"],
    "day": ["sold_on", "Order Date", "InvoiceDate", "date", "Datum", "purchase_date"],
    "units": ["quantity", "Quantity", "qty", "units"],
    "money": ["amount", "Amount", "total", "revenue"],
}
DATES = [
    "%Y-%m-%d", "%Y-%m-%d", "%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y",
    "%d-%m-%Y", "%d %b %Y", "%b %d, %Y", "%d/%m/%y", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ",
    "%d.%m.%Y %H:%M", "%m/%d/%Y %I:%M %p", "%B %d, %Y", "epoch", "excel",
]  # fmt: skip
# The money of a whole file may have three digits behind every separator: asked for.
NUMBERS = [
    "plain", "plain", "plain", "comma decimals", "comma thousands", "dot thousands", "currency",
    "euro behind", "accounting", "three decimals", "few thousands", "blank thousands",
    "narrow thousands", "apostrophe thousands", "whole with dots", "whole with commas",
    "minus behind",
    "plus",
]  # fmt: skip
REFUSED = {
    "unclosed quote", "late unclosed quote", "extra values", "twice a column", "no customer",
    "no day", "only a header", "empty", "nul",
}  # fmt: skip
OF_LINES = ("unclosed quote", "late unclosed quote", "blank lines", "nul")
NOTES = [
    "",
    "red",
    "so, so",
    'size 11"',
    'he said "no"',
    "two\nlines",
    "Zoë & Söhne",
    "a;b|c\td",
    "0",
]
FAULTS = [
    *[None] * 14, "unclosed quote", "late unclosed quote", "extra values", "short lines",
    "twice a column", "no customer", "no day", "no figures", "blank lines", "empty ids",
    "impossible days", "text for numbers", "only a header", "empty", "repeated header",
    "nul", "later than today",
]  # fmt: skip


@dataclass
class Written:
    """A file, how it is written, and what is in it."""

    seed: int
    how: dict[str, Any]
    header: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    sound: list[tuple[Decimal | None, Decimal | None] | None] = field(default_factory=list)


def money_text(value: Decimal, form: str) -> str:
    plain, grouped = f"{value:.2f}", f"{value:,.2f}"
    swapped = grouped.translate(str.maketrans(",.", ".,"))
    forms = {
        "blank thousands": grouped.replace(",", " "),
        "narrow thousands": swapped.replace(".", "\u00a0"),
        "apostrophe thousands": grouped.replace(",", "'"),
        "whole with dots": f"{value:,.0f}".replace(",", "."),
        "whole with commas": f"{value:,.0f}",
        "minus behind": f"{plain[1:]}-" if value < 0 else plain,
        "plus": f"{value:+.2f}",
        "comma decimals": plain.replace(".", ","),
        "comma thousands": grouped,
        "few thousands": grouped,
        "dot thousands": swapped,
        "currency": f"-${grouped[1:]}" if value < 0 else f"${grouped}",
        "euro behind": f"{swapped} €",
        "accounting": f"({grouped[1:]})" if value < 0 else grouped,
        "three decimals": f"{value:.3f}",
    }
    return forms.get(form, plain)


def day_text(day: dt.date, form: str, rng: random.Random) -> str:
    moment = dt.datetime(day.year, day.month, day.day, rng.randrange(24), rng.randrange(60))
    if form == "epoch":
        return str(int(moment.replace(tzinfo=dt.UTC).timestamp()))
    if form == "excel":
        return str((day - dt.date(1899, 12, 30)).days)
    return moment.strftime(form)


def written(seed: int) -> Written:
    """Draw a file by its seed."""
    rng = random.Random(seed)
    how = {
        "delimiter": rng.choice([",", ",", ";", "\t", "|"]),
        "quoting": rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
        "end": rng.choice(["\n", "\n", "\r\n", "\r"]),
        "encoding": rng.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"]),
        "date": rng.choice(DATES),
        "number": rng.choice(NUMBERS),
        "figures": rng.choice(["both", "both", "units", "money"]),
        "null": rng.choice(["", "", "NA", "null", "NULL", "-"]),
        "returns": rng.random() < 0.3,
        "index": rng.random() < 0.15,
        "notes": rng.random() < 0.5,
        "name": rng.choice(["sales.csv", "sales.csv", "shop.csv", "export.txt"]),
        "fault": rng.choice(FAULTS),
        "zeros": rng.random() < 0.3,
    }
    file = Written(seed, how)
    names = {part: rng.choice(spelled) for part, spelled in HEADERS.items()}
    columns = ["who", "day", "units", "money"]
    if how["figures"] != "both":
        columns.remove("money" if how["figures"] == "units" else "units")
    if how["fault"] in {"no customer", "no day", "no figures"}:
        gone = {"no customer": ["who"], "no day": ["day"], "no figures": ["units", "money"]}
        columns = [part for part in columns if part not in gone[how["fault"]]]
    if how["notes"]:
        columns.insert(rng.randint(0, len(columns)), "note")
    rng.shuffle(columns)
    if how["end"] == "\r":
        # or Python's writer leaves a line break of another kind without quotes
        how["quoting"] = csv.QUOTE_ALL
    file.header = [names.get(part, "remark") for part in columns]
    if how["index"]:
        file.header.insert(0, "")
    first = dt.date(2022, 1, 1)
    customers = rng.randint(25, 40)
    for place in range(rng.randint(150, 400)):
        who = place % customers
        day = first + dt.timedelta(days=2 * place + rng.randrange(9))
        units = Decimal(rng.choice([1, 1, 2, 3, 5, 12]))
        most = 900 if how["number"] in {"plain", "comma decimals", "few thousands"} else 90_000
        money = Decimal(rng.randint(100, most * 100)) / 100
        if how["number"].startswith("whole"):
            money = Decimal(int(money))
        if how["number"] == "few thousands" and place % 25 == 0:
            money += 1500
        if how["returns"] and place % 17 == 3:
            units, money = -units, -money
        texts = {
            "who": f"{who:05d}" if how["zeros"] else f"C-{who}",
            "day": day_text(day, how["date"], rng),
            "units": str(units),
            "money": money_text(money, how["number"]),
            "note": rng.choice(NOTES[1:5] if how["fault"] in OF_LINES else NOTES),
        }
        is_sound = True
        if place % 20 == 7:
            is_sound = spoil(texts, how["fault"], rng)
        elif place % 23 == 5 and {"units", "money"} <= {*columns}:
            texts["money"], money = how["null"], None
            # what is no number and not empty is rejected
            is_sound = how["null"] == ""
        row = [texts[part] for part in columns]
        file.rows.append([str(place), *row] if how["index"] else row)
        figures = (units if "units" in columns else None, money if "money" in columns else None)
        file.sound.append(figures if is_sound else None)
    spoil_lines(file)
    return file


def spoil_lines(file: Written) -> None:
    """Add a line that is no sale, where the file's fault is one of lines."""
    line = {
        "extra values": [*file.rows[0], "50"],
        "short lines": file.rows[0][:1],
        "repeated header": file.header,
    }.get(file.how["fault"])
    if line is not None:
        place = len(file.rows) // 2
        file.rows.insert(place, line)
        file.sound.insert(place, None)


def spoil(texts: dict[str, str], fault: str | None, rng: random.Random) -> bool:
    """Make a row faulty where its file's fault is one of rows; say whether it is sound still."""
    spoilt = {
        "empty ids": {"who": rng.choice(["", " "])},
        "impossible days": {"day": rng.choice(["2023-02-30", "soon", "31.31.2023"])},
        "text for numbers": {"units": "some", "money": "some"},
        "later than today": {"day": str(TODAY + dt.timedelta(days=40))},
    }.get(fault or "", {})
    texts.update(spoilt)
    return not spoilt


def damaged_row(file: Written) -> int | None:
    """Return the place of the row of which part is unreadable, where the file's fault is that."""
    places = {"unclosed quote": 3, "late unclosed quote": len(file.rows) - 9, "nul": 1}
    return places.get(file.how["fault"])


def write(file: Written, folder: Path) -> Path:
    """Write a file with its faults of lines."""
    how = file.how
    rng = random.Random(-file.seed)
    buffer = io.StringIO(newline="")
    writer = csv.writer(
        buffer, delimiter=how["delimiter"], quoting=how["quoting"], lineterminator=how["end"]
    )
    writer.writerow(file.header)
    writer.writerows([] if how["fault"] == "only a header" else file.rows)
    text = buffer.getvalue()
    end = how["end"]
    lines = text.split(end)
    if how["fault"] in {"unclosed quote", "late unclosed quote"}:
        place = damaged_row(file) + 1
        cells = lines[place].split(how["delimiter"])
        cells[rng.randrange(len(cells))] = '"open'
        lines[place] = how["delimiter"].join(cells)
    if how["fault"] == "twice a column":
        cells = lines[0].split(how["delimiter"])
        lines[0] = how["delimiter"].join([*cells[:-1], cells[-2]])
    if how["fault"] == "blank lines":
        lines = [part for line in lines for part in (line, *([""] if len(line) % 7 == 0 else []))]
    if how["fault"] == "nul":
        place = damaged_row(file) + 1
        lines[place] = "\x00" + lines[place]
    text = "" if how["fault"] == "empty" else end.join(lines)
    path = folder / how["name"]
    path.write_bytes(text.encode(how["encoding"], errors="replace"))
    return path


def outcome(path: Path) -> tuple[str, Any]:
    """Return `refused` with what was said, or `read` with what was built of it."""
    with duckdb.connect(config={"threads": 1}) as connection:
        try:
            reading = read_file(connection, path, Told(), SALES, SQL)
            with reading.readable_folder(connection) as place:
                return "read", built(reading, place)
        except (AttritionError, CompilerError) as error:
            return "refused", str(error)


def readings(file: Written) -> list[dict[str, Any]]:
    """Return what a person would read of the file, with the damaged row, if any, and without."""
    return [_figures(file, None), _figures(file, damaged_row(file))]


def _figures(file: Written, left_out: int | None) -> dict[str, Any]:
    sound = [one for place, one in enumerate(file.sound) if one and place != left_out]
    money = [one or Decimal(0) for _, one in sound]
    # one unit each where no units are written
    units = [
        unit if unit is not None else -1 if one < 0 else 1
        for (unit, _), one in zip(sound, money, strict=True)
    ]
    return {
        "accepted": len(sound),
        "units": sum(units),
        "money": sum(money),
        "rejected": len(file.rows) - len(sound),
    }


def check_by_pandas(file: Written, path: Path, money: Decimal) -> None:
    """Hold rows and money against what pandas reads, of a file that it can read by itself."""
    how = file.how
    frame = pd.read_csv(path, sep=how["delimiter"], encoding=how["encoding"], dtype=str)
    assert len(frame) == len(file.rows)
    named = [name for name in frame.columns if name in HEADERS["money"]]
    if named and how["number"] in {"plain", "plus", "three decimals"}:
        read = pd.to_numeric(frame[named[0]], errors="coerce")
        # what is no number is rejected
        assert round(float(read.sum()), 2) == float(money)


def test_a_file_is_read_as_it_was_written_or_refused(tmp_path):
    outcomes = Counter()
    for seed in range(FILES):
        file = written(seed)
        folder = tmp_path / str(seed)
        folder.mkdir()
        path = write(file, folder)
        kind, found = outcome(path)
        outcomes[kind] += 1
        if kind == "refused":
            assert found.endswith((".", "'", "?")), (seed, found)
            assert file.how["fault"] in REFUSED or "thousands" in found, (seed, found, file.how)
            continue
        assert found in readings(file), (seed, found, readings(file), file.header, file.how)
        if file.how["fault"] is None:
            check_by_pandas(file, path, found["money"])
    assert outcomes["read"] > 140
    assert outcomes["refused"] > 45
