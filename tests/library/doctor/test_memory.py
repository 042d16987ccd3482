import pytest
from attrition.doctor.memory import installed_memory, memory_finding, memory_limit
from attrition.errors import AttritionError
from attrition.project.profile import Connection

GIB = 2**30


def profile(**settings: str) -> Connection:
    return Connection("attrition", "dev", {"type": "duckdb", "settings": settings})


def test_training_and_duckdb_are_added_up_and_held_against_the_machine():
    enough = memory_finding(1_000_000, 50, 4 * GIB, 8 * GIB)
    assert enough.status == "ok"
    # 0.65 GB and 1,000,000 x 50 x 16 bytes
    assert "about 1.4 GB (1,000,000 rows of 50 features)" in enough.text
    assert "DuckDB up to 4.3 GB, of the 8.6 GB of this machine" in enough.text
    short = memory_finding(10_000_000, 50, 4 * GIB, 8 * GIB)
    assert short.status == "warning"
    assert "ATTRITION_MEMORY_LIMIT" in short.fix
    assert "max_rows" in short.fix


def test_the_limit_is_read_as_duckdb_reads_it(monkeypatch):
    assert memory_limit(profile(memory_limit="2GiB")) == 2 * GIB
    assert memory_limit(profile(memory_limit="1500MB")) == pytest.approx(1.5e9, rel=0.1)
    share = "{{ env_var('ATTRITION_MEMORY_LIMIT', '50%') }}"
    assert memory_limit(profile(memory_limit=share)) == pytest.approx(
        installed_memory() / 2, rel=0.1
    )
    monkeypatch.setenv("ATTRITION_MEMORY_LIMIT", "1GiB")
    assert memory_limit(profile(memory_limit=share)) == GIB
    # DuckDB's own default
    assert memory_limit(profile()) == pytest.approx(0.8 * installed_memory(), rel=0.1)


def test_a_limit_that_duckdb_does_not_read_is_named():
    with pytest.raises(AttritionError, match="'four', which DuckDB does not read"):
        memory_limit(profile(memory_limit="four"))
