"""Which build the dashboard opens, and what it says where there is none of that name."""

import pytest
from attrition.errors import AttritionError

from app.__main__ import _split
from app.account_reader import AccountReader
from app.copy_reader import CopyReader
from app.reader import chosen_reader

PROFILE = """
attrition:
  target: dev
  outputs:
    dev: {type: duckdb, path: warehouse/build.duckdb}
    prod: {type: snowflake, account: a, user: u, database: d, schema: "{{ env_var('S', 'marts') }}"}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.delenv("DBT_PROFILES_DIR", raising=False)
    (tmp_path / "dbt_project.yml").write_text("name: attrition\nprofile: attrition\n")
    (tmp_path / "profiles.yml").write_text(PROFILE)
    return tmp_path


def test_a_file_goes_before_the_profile_and_the_profile_s_default_is_the_default(folder):
    assert chosen_reader("other.duckdb", "prod", folder).path.name == "other.duckdb"
    copy = chosen_reader(None, None, folder)
    assert isinstance(copy, CopyReader)
    assert copy.path.is_relative_to(folder)


def test_an_output_on_snowflake_is_read_there(folder):
    account = chosen_reader(None, "prod", folder)
    assert isinstance(account, AccountReader)
    assert account.where == "d.marts"


def test_an_output_that_is_not_there_is_not_taken_for_another(folder):
    with pytest.raises(AttritionError, match="prdo"):
        chosen_reader(None, "prdo", folder)


def test_the_target_is_the_app_s_and_all_else_is_streamlit_s():
    assert _split(["--server.port", "1", "-t", "prod"]) == ("prod", ["--server.port", "1"])
    assert _split(["--target=prod"]) == ("prod", [])
    assert _split(["--theme.base", "dark"]) == (None, ["--theme.base", "dark"])
