"""Search, filters, order and pages find what a list comprehension finds."""

import duckdb
import pytest

from app.search import EACH, Search, count_sql, file_sql, page_sql, sorts

COLUMNS = ("customer_id", "attrition_probability", "is_predicted_attrition", "risk_decile",
           "reason_1_text", "reason_2_text", "reason_3_text")  # fmt: skip


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as made:
        made.execute("""
            create table attrition_scores as
            select 'C' || lpad(cast(n as varchar), 3, '0') as customer_id,
                (n * 37 % 120) / 120.0 as attrition_probability,
                n * 37 % 120 > 90 as is_predicted_attrition,
                n % 10 + 1 as risk_decile,
                case when n % 3 = 0 then 'Complained of 100% of _harm_' end as reason_1_text,
                'Late' as reason_2_text, null::varchar as reason_3_text
            from range(120) t(n);
            create table attrition_scored_features as
            select customer_id, case when risk_decile < 4 then 'NORTH' else 'SOUTH' end as region
            from attrition_scores
        """)
        yield made


def rows(connection, asked):
    sql, values = asked
    return connection.execute(sql, values).fetchall()


@pytest.mark.parametrize(
    ("search", "is_found"),
    [
        (Search(), lambda row: True),
        (Search(text=" c01 "), lambda row: "C01" in row[0]),
        (Search(only_flagged=True), lambda row: row[2]),
        (Search(deciles=(1, 3)), lambda row: row[3] in {1, 3}),
        (Search(lowest=0.25, highest=0.5), lambda row: 0.25 <= row[1] <= 0.5),
        (Search(reason="100% of _HARM"), lambda row: row[4] is not None),
        (Search(feature="region", levels=("NORTH",)), lambda row: row[3] < 4),
        (Search(text="'; drop table attrition_scores; --"), lambda row: False),
    ],
)
def test_what_is_found_is_what_was_asked_for(connection, search, is_found):
    everyone = connection.execute("from attrition_scores").fetchall()
    expected = {row[0] for row in everyone if is_found(row)}
    assert {row[0] for row in rows(connection, file_sql(search, COLUMNS))} == expected
    assert rows(connection, count_sql(search)) == [(len(expected),)]


def test_pages_hold_everyone_once_and_in_order(connection):
    pages = [rows(connection, page_sql(Search(), COLUMNS, number)) for number in (1, 2, 3)]
    assert [len(page) for page in pages] == [EACH, EACH, 120 - 2 * EACH]
    together = [row for page in pages for row in page]
    assert len({row[0] for row in together}) == 120
    assert together == sorted(together, key=lambda row: (-row[1], row[0]))


def test_an_order_by_a_column_that_the_build_lacks_is_not_offered():
    assert "Most to gain first" not in sorts(COLUMNS)
    assert "Most to gain first" in sorts((*COLUMNS, "expected_gain"))
    assert "Most at risk first" in sorts(COLUMNS)
