"""Each rule of the raw contract: a record that breaks it is kept aside whole and felt nowhere."""

from __future__ import annotations

import csv
import datetime as dt
import json
import math
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import brute_force
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet
import pytest
from attrition.settings.feature_names import find_definitions
from attrition.settings.raw_names import read_raw_tables
from awkward_customers import SCHEMAS, busy_days
from brute_force import DAY, Task
from compiled_project import (
    HAPPENED_ON,
    ROOT,
    TABLES,
    Built,
    RawTables,
    Variation,
    compile_project,
    row_differences,
    sample_bounds,
    sample_tables,
    with_rows,
)

TODAY = dt.date.today()
# An early day, and a customer who buys throughout.
A_DAY = busy_days(*sample_bounds())[0] + 40 * DAY
WHO = "closing"

# A sound record of each table, as text; each broken one below differs from it.
SOUND = {
    "sales": {
        "sale_id": "new",
        "customer_id": WHO,
        "sold_on": str(A_DAY),
        "product_type": "consumable",
        "product_id": "SET-9",
        "quantity": "40",
        "amount": "99.5",
        "is_return": "false",
    },
    "complaint": {
        "complaint_id": "new",
        "customer_id": WHO,
        "opened_on": str(A_DAY),
        "closed_on": str(A_DAY + 100 * DAY),
        "reason": "leak",
        "is_harm": "true",
    },
    "touchpoint": {
        "touchpoint_id": "new",
        "customer_id": WHO,
        "occurred_on": str(A_DAY),
        "direction": "inbound",
        "channel": "phone",
        "has_note": "true",
    },
    "startright": {
        "event_id": "new",
        "customer_id": WHO,
        "occurred_on": str(A_DAY),
        "event_type": "withdrawn",
    },
    "warranty": {
        "warranty_id": "new",
        "customer_id": WHO,
        "device_serial": "D",
        "starts_on": str(A_DAY),
        "ends_on": str(A_DAY + 1460 * DAY),
    },
    "demographics": {
        "customer_id": WHO,
        "valid_from": str(A_DAY),
        "birth_date": "1961-01-01",
        "insulin_since": "2001-01-01",
        "region": "FAR EAST",
        "payer_type": "OTHER",
        "diagnosis_type": "TYPE_1",
        "is_auto_reorder": "true",
    },
}
# What identifies a record beside its customer; demographics have no identifier of their own.
KEYS = {
    table["name"]: table["config"]["meta"]["key"][0]
    for table in read_raw_tables(ROOT)
    if table["config"]["meta"]["key"][0] != "customer_id"
}
# A source may be staged before a feature is made of it.
WITH_FEATURES = sorted({one.domain for one in find_definitions(ROOT)})

BROKEN_BY_TABLE: dict[str, list[tuple[str, dict[str, str | None]]]] = {
    "sales": [
        ("unknown_product_type", {"product_type": "pump"}),
        ("unknown_product_type", {"product_type": ""}),
        ("unreadable_quantity", {"quantity": "three"}),
        ("unreadable_quantity", {"quantity": "nan"}),
        ("unreadable_amount", {"amount": "about 20"}),
        ("unreadable_amount", {"amount": "1e40"}),
        ("unreadable_is_return", {"is_return": "maybe"}),
        ("no_quantity_and_no_amount", {"quantity": "", "amount": None}),
    ],
    "complaint": [
        ("closed_before_opened", {"closed_on": str(A_DAY - DAY)}),
        ("closed_on_beyond_today", {"closed_on": str(TODAY + 2 * DAY)}),
        ("unreadable_closed_on", {"closed_on": "soon"}),
        ("unreadable_is_harm", {"is_harm": "somewhat"}),
    ],
    "touchpoint": [
        ("unknown_direction", {"direction": "sideways"}),
        ("unknown_direction", {"direction": None}),
        ("unreadable_has_note", {"has_note": "2"}),
    ],
    "startright": [
        ("unknown_event_type", {"event_type": "graduated"}),
        ("unknown_event_type", {"event_type": " "}),
    ],
    "warranty": [
        ("ends_before_it_starts", {"ends_on": str(A_DAY - DAY)}),
        ("no_ends_on", {"ends_on": ""}),
        ("unreadable_ends_on", {"ends_on": "never"}),
    ],
    "demographics": [
        ("birth_date_beyond_today", {"birth_date": str(TODAY + 2 * DAY)}),
        ("insulin_since_beyond_today", {"insulin_since": "2999-01-01"}),
        ("impossible_birth_date", {"birth_date": "1861-01-01"}),
        ("impossible_insulin_since", {"insulin_since": "0201-01-01"}),
        ("unreadable_birth_date", {"birth_date": "61"}),
        ("unreadable_is_auto_reorder", {"is_auto_reorder": "at times"}),
    ],
}


def broken_records(table: str) -> list[tuple[str, dict[str, str | None]]]:
    """Return (rule, record) for every rule of one table; the order of the rows means nothing."""
    date = HAPPENED_ON[table]
    changes = [
        ("no_identifier", {"customer_id": ""}),
        ("no_identifier", {"customer_id": None}),
        ("no_identifier", {"customer_id": "  "}),
        (f"no_{date}", {date: ""}),
        (f"unreadable_{date}", {date: "2022-02-30"}),
        (f"unreadable_{date}", {date: "05/03/2022"}),
        (f"unreadable_{date}", {date: "2022035"}),
        (f"impossible_{date}", {date: "1899-12-31"}),
        (f"{date}_beyond_today", {date: str(TODAY + 2 * DAY)}),
        (f"{date}_beyond_today", {date: "2999-01-01 10:00:00"}),
        *BROKEN_BY_TABLE[table],
    ]
    if table in KEYS:
        changes += [("no_identifier", {KEYS[table]: ""}), ("no_identifier", {KEYS[table]: None})]
    records = []
    for place, (rule, change) in enumerate(changes):
        key = {KEYS[table]: f"{rule} {place}"} if table in KEYS else {}
        records.append((rule, {**SOUND[table], **key, **change}))
    return records


ALL_BROKEN = [
    pytest.param(table, rule, record, id=f"{table}-{place}-{rule}")
    for table in TABLES
    for place, (rule, record) in enumerate(broken_records(table))
]


def as_text(raw: RawTables) -> dict[str, pa.Table]:
    """Return the raw tables with every column as text, as a CSV file has them."""
    return {
        table: pa.table({name: pc.cast(rows[name], pa.string()) for name in rows.schema.names})
        for table, rows in raw.items()
    }


@pytest.fixture(scope="module")
def text_tables() -> dict[str, pa.Table]:
    return as_text(sample_tables())


def repeats(raw: RawTables) -> dict[str, dict[str, Any]]:
    """Return, of each table, a record that repeats the key of a sound one on a later day."""
    found = {}
    for table in TABLES:
        rows = [row for row in raw[table].to_pylist() if row["customer_id"].startswith("busy")]
        row = min(rows, key=lambda row: row[HAPPENED_ON[table]])
        if table == "demographics":
            # the same customer and day, and facts that come later in the alphabet
            found[table] = {**row, "birth_date": "2001-01-01", "region": "ZZ"}
        else:
            found[table] = {**SOUND[table], KEYS[table]: row[KEYS[table]]}
    return found


@pytest.fixture(scope="module")
def with_broken(monthly: Variation, text_tables: dict[str, pa.Table]) -> Built:
    """Return the models over the sample with one broken record for every rule of every table."""
    repeated = repeats(text_tables)
    raw = {
        table: with_rows(
            text_tables[table],
            [record for _, record in broken_records(table)] + [repeated[table]],
        )
        for table in TABLES
    }
    return monthly.project.run(raw)


@pytest.fixture(scope="module")
def rejected(with_broken: Built) -> list[dict[str, Any]]:
    rows = with_broken.table("attrition_rejected_records").to_pylist()
    return [{**row, "record": json.loads(row["record_json"])} for row in rows]


@pytest.mark.parametrize(("table", "rule", "record"), ALL_BROKEN)
def test_a_broken_record_is_kept_aside_whole_with_its_rule(
    table: str, rule: str, record: dict[str, Any], rejected: list[dict[str, Any]]
) -> None:
    [found] = [row for row in rejected if row["table_name"] == table and row["record"] == record]

    assert found["rule"] == rule
    key = (record[KEYS.get(table, "customer_id")] or "").strip() or None
    assert found["record_key"] == key
    assert found["customer_id"] == ((record["customer_id"] or "").strip() or None)


@pytest.mark.parametrize("table", TABLES)
def test_of_a_repeated_key_the_first_is_kept(
    table: str, rejected: list[dict[str, Any]], text_tables: dict[str, pa.Table]
) -> None:
    found = [row for row in rejected if (row["table_name"], row["rule"]) == (table, "repeated_key")]

    assert [row["record"] for row in found] == [repeats(text_tables)[table]]


@pytest.mark.parametrize("table", TABLES)
def test_every_rule_has_a_broken_record(table: str, monthly: Variation) -> None:
    sql = monthly.project.sql_of(f"stg_{table}__records")
    named = set(re.findall(r"then\s+'(\w+)'(?! \|\|)", sql))
    # which column is unreadable is said in the same way
    rules = named - set(SCHEMAS[table].names)

    assert len(rules) >= 5
    assert rules - {rule for rule, _ in broken_records(table)} == {"repeated_key"}


def test_nothing_else_is_rejected(rejected: list[dict[str, Any]]) -> None:
    assert len(rejected) == len(ALL_BROKEN) + len(TABLES)


def test_broken_records_are_in_no_feature_label_or_split(
    monthly: Variation, with_broken: Built
) -> None:
    before = monthly.built.table("modeling_dataset")

    assert row_differences(before, with_broken.table("modeling_dataset")) == 0


@pytest.mark.parametrize("table", WITH_FEATURES)
def test_the_same_record_mended_is_felt(
    table: str, monthly: Variation, text_tables: dict[str, pa.Table]
) -> None:
    """Else the broken records would be of no consequence anyway."""
    mended = {**text_tables, table: with_rows(text_tables[table], [SOUND[table]])}

    built = monthly.project.run(mended)

    assert built.table("attrition_rejected_records").num_rows == 0
    before = monthly.built.table("modeling_dataset")
    assert row_differences(before, built.table("modeling_dataset")) > 0


def test_text_is_read_as_the_typed_tables_are(
    monthly: Variation, text_tables: dict[str, pa.Table]
) -> None:
    built = monthly.project.run(text_tables)

    before = monthly.built.table("modeling_dataset")
    assert row_differences(before, built.table("modeling_dataset")) == 0


def test_a_key_is_repeated_only_by_sound_records(
    monthly: Variation, text_tables: dict[str, pa.Table]
) -> None:
    """A broken record takes no key from a sound one, however early it stands."""
    broken = {
        **SOUND["sales"],
        "sale_id": "shared",
        "product_type": "pump",
        "sold_on": "1999-01-01",
    }
    sound = {**SOUND["sales"], "sale_id": "shared"}
    copies = [broken, sound, sound, sound]
    raw = {**text_tables, "sales": with_rows(text_tables["sales"], copies)}

    built = monthly.project.run(raw)

    rules = built.rows("select rule from attrition_rejected_records order by rule")
    assert [row["rule"] for row in rules] == [
        "repeated_key",
        "repeated_key",
        "unknown_product_type",
    ]
    kept = built.rows("select sold_on from int_records__sales where sale_id = 'shared'")
    assert kept == [{"sold_on": A_DAY}]


def test_what_the_contract_does_not_name_is_in_the_rejected_record(
    monthly: Variation, text_tables: dict[str, pa.Table]
) -> None:
    sales = with_rows(text_tables["sales"], [{**SOUND["sales"], "product_type": "pump"}])
    notes = pa.array([f'say "{place}"' for place in range(sales.num_rows)])
    raw = {**text_tables, "sales": sales.append_column("Clerk's note", notes)}

    built = monthly.project.run(raw)

    [rejected] = built.rows("select record_json from attrition_rejected_records")
    assert json.loads(rejected["record_json"]) == {
        **SOUND["sales"],
        "product_type": "pump",
        "Clerk's note": f'say "{sales.num_rows - 1}"',
    }


# How values are read


def read_sales(monthly: Variation, rows: pa.Table) -> dict[str, dict[str, Any]]:
    """Return what becomes of sales records, by their key."""
    raw = {table: SCHEMAS[table].empty_table() for table in TABLES} | {"sales": rows}
    built = monthly.project.run(raw)
    assert built.table("attrition_rejected_records").to_pylist() == []
    return {row["sale_id"]: row for row in built.table("int_records__sales").to_pylist()}


def sales_of(**columns: list[Any]) -> pa.Table:
    """Return a sales table with some columns given, the others constant."""
    count = len(next(iter(columns.values())))
    constant = {
        "sale_id": [str(place) for place in range(count)],
        "customer_id": ["a"] * count,
        "sold_on": ["2022-03-05"] * count,
        "product_type": ["consumable"] * count,
        "product_id": pa.nulls(count, pa.string()),
        "quantity": ["2"] * count,
        "amount": ["5"] * count,
        "is_return": pa.nulls(count, pa.bool_()),
    }
    return pa.table(constant | columns)


def test_integers_are_identifiers(monthly: Variation) -> None:
    found = read_sales(monthly, sales_of(sale_id=[7, 8], customer_id=[12345678901, 2]))

    assert {key: row["customer_id"] for key, row in found.items()} == {
        "7": "12345678901",
        "8": "2",
    }


def test_text_around_an_identifier_is_cut_and_zeros_before_it_stay(monthly: Variation) -> None:
    found = read_sales(monthly, sales_of(customer_id=["007", " 007 ", "7"]))

    assert [row["customer_id"] for _, row in sorted(found.items())] == ["007", "007", "7"]


@pytest.mark.parametrize(
    "values",
    [
        ["1997-01-31", "1997-01-31 23:59:59", "1997-01-31T00:00:00", " 1997-01-31 ", "19970131"],
        pa.array([dt.datetime(1997, 1, 31, 23, 59, 59, 999999), dt.datetime(1997, 1, 31)]),
        pa.array([dt.date(1997, 1, 31)]),
        pa.array([19970131], pa.int64()),
        pa.array([19970131], pa.int32()),
    ],
    ids=["text", "timestamps", "dates", "long digits", "digits"],
)
def test_dates_are_read_and_timestamps_cut_to_the_day(monthly: Variation, values: Any) -> None:
    found = read_sales(monthly, sales_of(sold_on=values))

    assert {row["sold_on"] for row in found.values()} == {dt.date(1997, 1, 31)}
    assert len(found) == len(values)


def test_a_sale_on_the_last_second_of_a_bucket_is_known_to_the_next(monthly: Variation) -> None:
    stamps = pa.array([dt.datetime(2022, 1, 31, 23, 59, 59), dt.datetime(2022, 2, 28, 0, 0)])
    raw = {table: SCHEMAS[table].empty_table() for table in TABLES}

    built = monthly.project.run(raw | {"sales": sales_of(sold_on=stamps)})

    rows = built.rows("from modeling_dataset order by as_of_date")
    assert [(row["as_of_date"], row["days_since_last_order"]) for row in rows] == [
        (dt.date(2022, 2, 1), 1.0),
        (dt.date(2022, 3, 1), 1.0),
    ]


@pytest.mark.parametrize(
    ("quantity", "amount", "is_return", "read"),
    [
        ("2", "5", None, (2, 5, False)),
        ("-2", "5", None, (2, 5, True)),
        ("-2", "-5", None, (2, 5, True)),
        (None, "-5", None, (1, 5, True)),
        (None, "5", None, (1, 5, False)),
        ("2", None, None, (2, 0, False)),
        ("2", "5", "yes", (2, 5, True)),
        ("-2", "-5", "1", (2, 5, True)),
        ("0.5", "0.0001", "N", (Decimal("0.5"), Decimal("0.0001"), False)),
    ],
)
def test_what_a_sale_leaves_out_has_a_default(
    quantity: str | None,
    amount: str | None,
    is_return: str | None,
    read: tuple[Any, Any, bool],
    monthly: Variation,
) -> None:
    columns = {"quantity": [quantity], "amount": [amount], "is_return": [is_return]}
    texts = {name: pa.array(values, pa.string()) for name, values in columns.items()}

    found = read_sales(monthly, sales_of(**texts))["0"]

    assert (found["quantity"], found["amount"], found["is_return"]) == read


# Files


@pytest.fixture(scope="module")
def awkward_raw() -> RawTables:
    """Return the raw tables of the awkward customers alone."""
    return {
        table: rows.filter(pc.starts_with(rows["customer_id"], "awkward"))
        for table, rows in sample_tables().items()
    }


def number(customer_id: str) -> int:
    return 1000 + int(customer_id.split()[1])


def sales_lines(raw: RawTables) -> list[dict[str, Any]]:
    """Return three columns, with a customer number, dates in three forms and signed money."""
    forms = ["%Y-%m-%d", "%Y%m%d", "%Y-%m-%d 18:30:00"]
    return [
        {
            "Kunde": number(row["customer_id"]),
            "Datum": row["sold_on"].strftime(forms[place % 3]),
            "Umsatz": -7.25 if place % 5 == 4 else place % 90 + 0.5,
        }
        for place, row in enumerate(raw["sales"].to_pylist())
    ]


def as_contract(raw: RawTables) -> dict[str, pa.Table]:
    """Return the contract's tables that the files of `write_files` stand for."""
    renamed = {}
    for table, rows in raw.items():
        numbers = [str(number(name)) for name in rows["customer_id"].to_pylist()]
        renamed[table] = rows.set_column(
            rows.schema.get_field_index("customer_id"), "customer_id", pa.array(numbers)
        )
    sales = [
        {
            "customer_id": str(line["Kunde"]),
            "sold_on": row["sold_on"],
            "product_type": "consumable",
            "amount": Decimal(str(line["Umsatz"])),
        }
        for line, row in zip(sales_lines(raw), raw["sales"].to_pylist(), strict=True)
    ]
    contacts = [
        {**row, "direction": "inbound", "has_note": False}
        for row in renamed["touchpoint"].to_pylist()
    ]
    # of several rows of a customer, the files hold the first of all
    people = {}
    for row in sorted(renamed["demographics"].to_pylist(), key=lambda row: row["valid_from"]):
        facts = {name: row[name] for name in ("customer_id", "birth_date", "insulin_since")}
        people.setdefault(row["customer_id"], {**facts, "valid_from": dt.date(1900, 1, 1)})
    return renamed | {
        table: pa.Table.from_pylist(rows, schema=SCHEMAS[table])
        for table, rows in (
            ("sales", sales),
            ("touchpoint", contacts),
            ("demographics", list(people.values())),
        )
    }


# A name with quotes, and a column of the contract's name that holds something else.
SEMICOLONS = pa_csv.WriteOptions(delimiter=";")
MONEY = 'Umsatz "netto"'
RAW_COLUMNS = {
    "sales": {
        "customer_id": "Kunde",
        "sold_on": "Datum",
        "amount": MONEY,
        "product_type": None,
    },
    "complaint": {"opened_on": "Opened At", "is_harm": "harm code"},
}


def write_files(raw: RawTables, folder: Path) -> None:
    """Write what a company might have: CSV and Parquet, own names, own types, columns missing."""
    contract = as_contract(raw)
    sales = [*sales_lines(raw), {"Kunde": 1, "Datum": "no date", "Umsatz": 3}]
    # quotes, delimiters and line breaks within a value come late
    notes = [place % 7 if place < 1000 else f'5"; "Öl"\n{place}' for place in range(len(sales))]
    with (folder / "sales.csv").open("w", encoding="latin-1", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["Kunde", "Datum", "product_type", MONEY, "Notiz"])
        for line, note in zip(sales, notes, strict=True):
            writer.writerow([line["Kunde"], line["Datum"], "Shirts", line["Umsatz"], note])

    complaint = contract["complaint"].drop_columns(["complaint_id", "reason"])
    names = {"opened_on": "Opened At", "is_harm": "harm code", "customer_id": "CUSTOMER_ID"}
    complaint = complaint.rename_columns([names.get(name, name) for name in complaint.schema.names])
    columns = {name: complaint[name] for name in complaint.schema.names}
    columns["CUSTOMER_ID"] = pc.cast(columns["CUSTOMER_ID"], pa.int64())
    columns["Opened At"] = pc.cast(columns["Opened At"], pa.timestamp("us"))
    pa_parquet.write_table(pa.table(columns), folder / "complaint.parquet")

    contacts = contract["touchpoint"].select(["customer_id", "occurred_on"])
    pa_csv.write_csv(contacts, folder / "touchpoint.csv", SEMICOLONS)

    days = contract["warranty"]["starts_on"].to_pylist()
    digits = pa.array([int(day.strftime("%Y%m%d")) for day in days], pa.int32())
    warranty = contract["warranty"].drop_columns(["starts_on"]).append_column("starts_on", digits)
    pa_parquet.write_table(warranty, folder / "warranty.parquet")

    people = contract["demographics"].drop_columns(["valid_from"])
    pa_parquet.write_table(people, folder / "demographics.parquet")

    written = {path.stem for path in folder.iterdir()}
    for table in contract.keys() - written:
        pa_csv.write_csv(contract[table], folder / f"{table}.csv", SEMICOLONS)


@pytest.fixture(scope="module")
def from_files(awkward_raw: RawTables, tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("files")
    write_files(awkward_raw, folder)
    variables = {
        "raw_data": "source",
        "raw_location": str(folder),
        "raw_csv": {"delimiter": ";", "encoding": "latin-1"},
        "raw_columns": RAW_COLUMNS,
    }
    project = compile_project(tmp_path_factory.mktemp("source"), variables)
    return project.run()


def test_files_give_the_features_of_the_records_that_they_stand_for(
    from_files: Built, awkward_raw: RawTables
) -> None:
    contract = as_contract(awkward_raw)
    customers = brute_force.customers(contract)
    reach = max(contract["sales"]["sold_on"].to_pylist())
    rows = from_files.table("modeling_dataset").to_pylist()

    expected = {
        (name, as_of)
        for name, customer in customers.items()
        for as_of in brute_force.snapshots(customer, Task(), reach)
    }
    assert {(row["customer_id"], row["as_of_date"]) for row in rows} == expected
    assert len(rows) > 500
    for row in rows:
        customer = customers[row["customer_id"]]
        labels = brute_force.labels(customer, row["as_of_date"], Task(), reach)
        assert {name: row[name] for name in labels} == labels
        values = brute_force.features(customer, row["as_of_date"], Task())
        wrong = {
            name: (row[name], value)
            for name, value in values.items()
            if row[name] != value
            and not (row[name] and value and math.isclose(row[name], value, rel_tol=5e-7))
        }
        assert wrong == {}, row


def test_a_broken_line_of_a_file_is_kept_under_its_own_names(
    from_files: Built, awkward_raw: RawTables
) -> None:
    [rejected] = from_files.table("attrition_rejected_records").to_pylist()

    assert rejected["record_key"] == f"row {awkward_raw['sales'].num_rows + 1}"
    assert rejected["rule"] == "unreadable_sold_on"
    kept = json.loads(rejected["record_json"])
    assert kept.pop("Notiz") == f'5"; "Öl"\n{awkward_raw["sales"].num_rows}'
    assert kept == {"Kunde": "1", "Datum": "no date", "product_type": "Shirts", MONEY: "3"}


def test_what_can_change_is_unknown_where_no_change_is_dated(from_files: Built) -> None:
    rows = from_files.table("modeling_dataset").to_pylist()

    for name in ("is_auto_reorder", "payer_type", "diagnosis_type", "region"):
        assert {row[name] for row in rows} == {None}
    assert sum(row["age_years"] is not None for row in rows) > len(rows) / 3
    assert sample_bounds()[0] <= min(row["as_of_date"] for row in rows)
