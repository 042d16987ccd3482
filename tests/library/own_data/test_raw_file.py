"""Files as people have them."""

from pathlib import Path

import duckdb
import pytest
from attrition.errors import AttritionError
from attrition.own_data.contract_sql import ContractSql
from attrition.own_data.raw_file import has_header, open_raw_file, sniff_separator

SQL = ContractSql(Path(__file__).resolve().parents[3])
ROWS = [("id", "day", "money"), ("007", "2024-01-02", "1.50"), ("008", "2024-01-03", "2.25")]


def opened(path: Path):
    with duckdb.connect() as connection:
        source = open_raw_file(connection, path, SQL)
        return source, connection.sql(f"from {source.relation}").fetchall()


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_any_separator_is_recognised_and_values_stay_text(tmp_path, separator):
    path = tmp_path / "shop.txt"
    path.write_text("\n".join(separator.join(row) for row in ROWS) + "\n", encoding="utf-8")
    source, rows = opened(path)
    assert source.columns == ROWS[0]
    assert rows == ROWS[1:]


def test_blank_separated_text_with_ragged_blanks_and_carriage_returns(tmp_path):
    path = tmp_path / "shop.txt"
    path.write_bytes(b" id  day money\r\n 007 20240102   1.50\r\n 008 20240103  2.25\r\n")
    source, rows = opened(path)
    assert source.form == "blank-separated text"
    assert rows == [("007", "20240102", "1.50"), ("008", "20240103", "2.25")]


def test_quoted_values_keep_their_separators(tmp_path):
    path = tmp_path / "shop.csv"
    path.write_text('id,name\n1,"a, b"\n2,"c"\n', encoding="utf-8")
    assert opened(path)[1] == [("1", "a, b"), ("2", "c")]


def test_a_file_without_header_gets_names(tmp_path):
    path = tmp_path / "shop.csv"
    path.write_text("7,2024-01-02,1.5\n8,2024-01-03,2.5\n", encoding="utf-8")
    source, rows = opened(path)
    assert source.columns == ("column_1", "column_2", "column_3")
    assert len(rows) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "windows-1252"])
def test_letters_are_read_however_they_are_written(tmp_path, encoding):
    price = "5" if encoding == "latin-1" else "5 €"
    path = tmp_path / "sales.csv"
    path.write_bytes(f"id;naam;prijs\n1;Zoë;{price}\n2;Jörg;{price}\n".encode(encoding))
    source, rows = opened(path)
    assert source.columns == ("id", "naam", "prijs")
    assert rows == [("1", "Zoë", price), ("2", "Jörg", price)]
    # the project reads all but windows-1252 itself
    assert source.is_readable_as_is == (encoding != "windows-1252")
    if source.is_readable_as_is:
        name = encoding.removesuffix("-sig")
        assert source.raw_csv == {"delimiter": ";", "encoding": name}


def test_a_letter_that_comes_late_decides_of_the_whole_file(tmp_path):
    path = tmp_path / "shop.csv"
    lines = ["id,name", *(f"{n},plain" for n in range(200_000)), "x,Zoë"]
    path.write_bytes("\n".join(lines).encode("latin-1"))
    assert opened(path)[1][-1] == ("x", "Zoë")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"12"" shelf, red"', '12" shelf, red'),
        ('"two\nlines"', "two\nlines"),
        ('5" pipe', '5" pipe'),
    ],
)
@pytest.mark.parametrize("before", [0, 30_000])
def test_quotes_are_read_wherever_the_first_one_stands(tmp_path, before, text, value):
    path = tmp_path / "shop.csv"
    lines = ["id,name,units", *(f"{n},plain,1" for n in range(before)), f"x,{text},2", "y,last,3"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert opened(path)[1][before:] == [("x", value, "2"), ("y", "last", "3")]


def test_line_ends_may_be_mixed_and_a_header_may_have_a_line_break(tmp_path):
    path = tmp_path / "shop.csv"
    path.write_bytes(b'id,"na\nme"\r\n1,a\n2,b\r\n3,"c\nd"\n')
    source, rows = opened(path)
    assert source.columns == ("id", "na\nme")
    assert rows == [("1", "a"), ("2", "b"), ("3", "c\nd")]


def test_a_quote_that_is_not_closed_loses_no_text_or_is_refused(tmp_path):
    path = tmp_path / "shop.csv"
    late = ["id,name,day", *["1,a,2024"] * 30_000, '2,"b,2024', "3,c,2024"]
    path.write_text("\n".join(late) + "\n", encoding="utf-8")
    text = "".join(map(str, opened(path)[1][-1]))
    assert "b,2024\n3,c,2024" in text
    path.write_text("\n".join([late[0], *late[-3:]]) + "\n", encoding="utf-8")
    with pytest.raises(AttritionError, match=r"shop\.csv cannot be read: .* quote"):
        opened(path)


def test_the_index_of_pandas_has_no_name_and_is_a_column(tmp_path):
    path = tmp_path / "shop.csv"
    path.write_text(",id,day\n0,a,2024-01-02\n1,b,2024-01-03\n", encoding="utf-8")
    source, rows = opened(path)
    assert source.columns[1:] == ("id", "day")
    assert rows == [("0", "a", "2024-01-02"), ("1", "b", "2024-01-03")]


def test_a_column_that_stands_there_twice_is_named(tmp_path):
    path = tmp_path / "shop.csv"
    path.write_text("id,day,Day\na,2024-01-02,x\n", encoding="utf-8")
    with pytest.raises(AttritionError, match="has the column `day` more than once"):
        opened(path)


def test_parquet_is_recognised_by_its_content_and_keeps_its_types(tmp_path):
    path = tmp_path / "shop.data"
    duckdb.sql(f"copy (select 7 as id, date '2024-01-02' as day) to '{path}' (format parquet)")
    source, rows = opened(path)
    assert source.form == "Parquet"
    assert rows[0][0] == 7


def test_a_comma_separated_sales_file_needs_no_copy(tmp_path):
    path = tmp_path / "sales.csv"
    path.write_text("\n".join(",".join(row) for row in ROWS) + "\n", encoding="utf-8")
    assert opened(path)[0].is_readable_as_is
    other = tmp_path / "shop.csv"
    other.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    assert not opened(other)[0].is_readable_as_is


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"one\ntwo\n", "is not a table"),
        (b"a,b\n", "has a header and no rows"),
        (b"\x00\x01\x02\n", "neither text nor Parquet"),
        (b"PAR1 and nothing else", "cannot be read"),
    ],
)
def test_what_is_no_table_is_one_clear_error(tmp_path, content, message):
    path = tmp_path / "shop.csv"
    path.write_bytes(content)
    with pytest.raises(AttritionError, match=message):
        opened(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(AttritionError, match=r"There is no file .*shop\.csv"):
        opened(tmp_path / "shop.csv")


def test_separators_inside_values_do_not_mislead():
    lines = ["id;text", '1;"a, b"', '2;"c, d"', "3;plain"]
    assert sniff_separator(lines) == ";"


def test_a_first_row_with_a_number_is_no_header():
    assert has_header([["id", "day"]])
    assert not has_header([["7", "day"]])
    assert has_header([["", "day"]])
    assert not has_header([["id", ""]])
    assert not has_header([["a", "2024-01-02 10:00"]])


def misread(path: Path, lines: list[str]) -> str:
    path.write_text("id,day,note\n" + "\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(AttritionError) as caught:
        opened(path)
    return str(caught.value)


def lines_of(count: int) -> list[str]:
    return [f'c{place},2024-01-{place % 28 + 1:02d},"n{place}"' for place in range(count)]


@pytest.mark.parametrize("place", [3, 25_000])
@pytest.mark.parametrize(
    "line",
    [
        '"cX,2024-01-02,n',
        'cX,"2024-01-02,n',
        'cX,2024-01-02,"n',
        '"c"X",2024-01-02,n',
        '"c\\"X",d,n',
    ],
)
def test_a_quote_that_is_not_closed_is_said_wherever_it_opens(tmp_path, place, line):
    lines = [*lines_of(place), line, *lines_of(9)]
    said = misread(tmp_path / "sales.csv", lines)
    assert f"sales.csv: a quote that opens in record {place + 1} is not closed there" in said


def test_a_quote_that_swallows_more_than_can_be_read_is_said(tmp_path):
    said = misread(
        tmp_path / "sales.csv", [*lines_of(9), '"cX,2024-01-02,n', *["c,2024-01-02,n"] * 200_000]
    )
    assert "sales.csv: a quote that opens is not closed there" in said


def test_a_number_cut_in_two_by_its_comma_is_said(tmp_path):
    said = misread(tmp_path / "sales.csv", [*lines_of(25_000), "cX,2024-01-02,1,250.00"])
    assert "1 of its records hold more values than there are columns, record 25001 first" in said


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_notes_of_several_lines_are_read(tmp_path, end):
    path = tmp_path / "sales.csv"
    note = '"So, he said,\n\n ""no"", on 5 May\n"'
    lines = ["id,day,note,", *lines_of(3), f"cX,2024-01-02,{note},", *lines_of(3)]
    path.write_bytes((end.join(lines) + end).encode())
    assert len(opened(path)[1]) == 7


@pytest.mark.parametrize("separator", ["\n", ","])
def test_json_records_are_rows_and_what_is_nested_is_text(tmp_path, separator):
    records = separator.join(
        f'{{"id": "{who}", "day": "{day}", "money": {money}, "tags": {{"a": [1, 2]}}}}'
        for who, day, money in ROWS[1:]
    )
    path = tmp_path / "shop.json"
    path.write_text(records if separator == "\n" else f"[{records}]", encoding="utf-8")
    source, rows = opened(path)
    assert (source.form, source.columns) == ("JSON", ("id", "day", "money", "tags"))
    assert [(who, str(day), f"{money:.2f}") for who, day, money, _ in rows] == ROWS[1:]
    assert rows[0][3] == '{"a":[1,2]}'


@pytest.mark.parametrize("text", ["[1, 2]", '{"orders": [{"id": 1}, {"id": 2}]}'])
def test_json_that_is_no_list_of_records_is_refused(tmp_path, text):
    path = tmp_path / "shop.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AttritionError, match="no list of records"):
        opened(path)


def written_parts(folder: Path, *columns: str) -> Path:
    for position, column in enumerate(columns):
        part = folder / f"month={position}" / "part.parquet"
        part.parent.mkdir(parents=True)
        duckdb.sql(f"copy (select 'ann' as id, {position} as {column}) to '{part}'")
    return folder


def test_a_folder_of_parquet_files_is_one_table(tmp_path):
    source, rows = opened(written_parts(tmp_path / "sales", "units", "units"))
    assert (source.form, source.row_count) == ("2 Parquet files", 2)
    assert source.columns == ("id", "units", "month")
    assert sorted(rows) == [("ann", 0, 0), ("ann", 1, 1)]
    assert not source.is_readable_as_is


def test_a_folder_of_different_tables_is_refused(tmp_path):
    with pytest.raises(AttritionError, match=r"no parts of one table.* id, units, .* id, price"):
        opened(written_parts(tmp_path / "mixed", "units", "price"))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.csv").touch()
    with pytest.raises(AttritionError, match=r"without a Parquet file: a.csv. Name the file"):
        opened(tmp_path / "other")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04rest", "a zip archive or an Excel workbook.* save the sheet as CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook"),
        (b"\x1f\x8b\x08rest", "packed by gzip.* end its name in .gz"),
        (b"ARROW1\0\0", "an Arrow file.* Write it as Parquet"),
        (b"SQLite format 3\0", "a SQLite database"),
        (b"\n <html><table><tr><td>1</td>", "is HTML or XML"),
    ],
)
def test_a_file_of_another_kind_is_named_with_the_way_out(tmp_path, content, words):
    path = tmp_path / "shop.xls"
    path.write_bytes(content)
    with pytest.raises(AttritionError, match=words):
        opened(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "windows-1252"])
@pytest.mark.parametrize("hint", ["sep=;", '"sep=;"', "SEP=;"])
def test_excels_hint_at_the_separator_is_no_header(tmp_path, encoding, hint):
    path = tmp_path / "sales.csv"
    path.write_bytes(f"{hint}\r\nKunde;Größe\r\nà;1\r\nb;2\r\n".encode(encoding))
    source, rows = opened(path)
    assert source.columns == ("Kunde", "Größe")
    assert rows == [("à", "1"), ("b", "2")]
    assert not source.is_readable_as_is


@pytest.mark.parametrize("title", ["Sales of 2024", "Sales of 2024;;", "Sales;2024"])
def test_a_title_above_the_names_of_the_columns_is_said(tmp_path, title):
    path = tmp_path / "shop.csv"
    lines = [title, "id;day;money", *(f"{n};2024-01-02;1.5" for n in range(9)), ";;", "all;;13"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(AttritionError, match=r"its first line, `Sales.*Delete what stands above"):
        opened(path)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("顧客,数量", "cp932"), ("カード,テスト", "cp932"), ("顧客,数量", "euc-jp"),
        ("客户,数量", "gbk"),
        ("Клиент,Количество", "windows-1251"), ("Πελάτης,Ποσότητα", "windows-1253"),
    ],
)  # fmt: skip
def test_characters_of_other_scripts_are_refused_instead_of_misread(tmp_path, text, encoding):
    path = tmp_path / "shop.csv"
    path.write_bytes(f"{text}\na,1\nb,2\n".encode(encoding))
    with pytest.raises(AttritionError, match="neither in UTF-8 nor in the Western European"):
        opened(path)


def test_western_letters_side_by_side_are_read(tmp_path):
    path = tmp_path / "shop.csv"
    path.write_bytes("créée,Größe\nnoël,1 €\nœuf,2 €\n".encode("windows-1252"))
    assert opened(path)[1] == [("noël", "1 €"), ("œuf", "2 €")]
