"""The peers that features are timed beside: they make the same rows, or the benchmark stops."""

import importlib

import duckdb
import pyarrow.parquet as pq
import pytest
from attrition.generator import generate
from compiled_project import TABLES

from benchmarks.speed.features import KEYS, PEERS, compared, require_equal


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    """Generated records of customers over long enough for a window a year before."""
    folder = tmp_path_factory.mktemp("raw")
    generate(150, 30, 1, folder)
    return folder


@pytest.fixture(scope="module")
def connection(raw, monthly):
    tables = {name: pq.read_table(raw / f"{name}.parquet") for name in TABLES}
    return monthly.project.run(tables, until="modeling_dataset").connection


@pytest.fixture(scope="module", params=PEERS)
def table(request, raw, tmp_path_factory):
    """What a peer makes of the records."""
    pytest.importorskip(request.param.lower(), reason=f"{request.param} is not installed")
    module, _ = PEERS[request.param]
    out = tmp_path_factory.mktemp(module) / "features.parquet"
    getattr(importlib.import_module(f"benchmarks.speed.{module}"), module)(raw, out)
    return out


def test_a_peer_makes_the_rows_of_the_modeling_dataset(table, connection):
    require_equal("peer", table, connection)
    assert pq.read_table(table)["is_attrition_c"].null_count > 0


@pytest.mark.parametrize(
    ("column", "changed"),
    [
        ("harm_complaint_score_18m", "harm_complaint_score_18m + 0.01"),
        ("is_attrition_c", "coalesce(is_attrition_c, 0)"),
        ("payer_type", "nullif(payer_type, 'COMMERCIAL')"),
    ],
)
def test_a_value_that_differs_stops_the_benchmark(column, changed, table, connection, tmp_path):
    out = tmp_path / "changed.parquet"
    duckdb.sql(f"copy (select * replace ({changed} as {column}) from '{table}') to '{out}'")
    with pytest.raises(ValueError, match=rf"not the same in peer and here: [\d,]+ {column}$"):
        require_equal("peer", out, connection)


def test_a_column_that_is_missing_stops_the_benchmark(table, connection, tmp_path):
    out = tmp_path / "changed.parquet"
    duckdb.sql(f"copy (select * exclude (age_years) from '{table}') to '{out}'")
    with pytest.raises(ValueError, match="not in both peer and here: age_years"):
        require_equal("peer", out, connection)


def test_a_snapshot_too_few_or_too_many_stops_the_benchmark(table, connection, tmp_path):
    few, many = tmp_path / "few.parquet", tmp_path / "many.parquet"
    duckdb.sql(f"copy (from '{table}' offset 1) to '{few}'")
    another = f"select * replace ('nobody' as customer_id) from '{table}' limit 1"
    duckdb.sql(f"copy (from '{table}' union all ({another})) to '{many}'")
    for changed in (few, many):
        with pytest.raises(ValueError, match="1 snapshots"):
            require_equal("peer", changed, connection)


def test_every_core_feature_and_every_window_is_compared():
    names = compared()
    assert len(names) == len(set(names)) == 1 + 15 + 3 * 4 + 3 * 2
    assert not {*KEYS} & {*names}
