"""The profile: which output dbt would use, and where it builds and publishes."""

from pathlib import Path

import pytest
from attrition.errors import AttritionError
from attrition.project.profile import connection_of, rendered, target_in, warehouse_of

PROJECT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nobody's own profiles are read."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("DBT_PROFILES_DIR", "ATTRITION_BUILD", "ATTRITION_PUBLISHED"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


def write(folder: Path, profiles: str | None, name: str = "profiles.yml") -> Path:
    (folder / "dbt_project.yml").write_text("name: shop\nprofile: mine\n", encoding="utf-8")
    if profiles is not None:
        (folder / name).write_text(profiles, encoding="utf-8")
    return folder


TWO_TARGETS = """
mine:
  target: "{{ env_var('WHERE', 'prod') }}"
  outputs: {dev: {type: duckdb}, prod: {type: snowflake}}
"""


def test_the_adapter_is_that_of_the_target(tmp_path):
    folder = write(tmp_path, TWO_TARGETS)
    assert warehouse_of(folder) == "snowflake"
    assert warehouse_of(folder, "dev") == "duckdb"


def test_the_target_follows_the_environment(tmp_path, monkeypatch):
    folder = write(tmp_path, TWO_TARGETS)
    monkeypatch.setenv("WHERE", "dev")
    assert warehouse_of(folder) == "duckdb"
    found = connection_of(folder)
    assert (found.profile, found.target) == ("mine", "dev")


def test_profiles_may_lie_in_another_folder(tmp_path, monkeypatch):
    write(tmp_path, TWO_TARGETS)
    other = tmp_path / "other"
    other.mkdir()
    text = "mine: {target: x, outputs: {x: {type: duckdb, path: far.duckdb}}}"
    (other / "profiles.yml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("DBT_PROFILES_DIR", str(other))
    assert connection_of(tmp_path).output["path"] == "far.duckdb"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("{{ env_var('NOT_SET', 'here') }}/a", "here/a"),
        ('{{env_var("IS_SET", "here")}}', "there"),
        ("{{ env_var('IS_SET') }}", "there"),
        ("{{ env_var('NOT_SET') }}", ""),
    ],
)
def test_variables_of_the_environment_are_put_into_texts_of_a_profile(monkeypatch, text, value):
    monkeypatch.setenv("IS_SET", "there")
    monkeypatch.delenv("NOT_SET", raising=False)
    assert rendered(text) == value


def test_without_profiles_it_is_duckdb(tmp_path):
    assert warehouse_of(write(tmp_path, None)) == "duckdb"
    assert warehouse_of(PROJECT) == "duckdb"


def test_profiles_that_are_no_yaml_are_one_clear_error(tmp_path):
    with pytest.raises(AttritionError, match=r"profiles\.yml is not valid YAML"):
        warehouse_of(write(tmp_path, "mine: ["))


@pytest.mark.parametrize("arguments", [["-t", "prod"], ["--target", "prod"], ["--target=prod"]])
def test_the_target_is_found_among_the_arguments(arguments):
    assert target_in(["--full-refresh", *arguments]) == "prod"
    assert target_in(["--full-refresh"]) is None


PLACES = """
mine:
  target: dev
  outputs:
    dev:
      type: duckdb
      path: "{{ env_var('ATTRITION_BUILD', 'there/build.duckdb') }}"
      plugins: [{module: attrition.duckdb_plugin, config: {publish_to: out/read_me.duckdb}}]
    bare: {type: duckdb, path: bare.duckdb}
    memory: {type: duckdb}
    prod: {type: snowflake}
"""


def test_the_files_are_those_of_the_profile(tmp_path, monkeypatch):
    folder = write(tmp_path, PLACES)
    connection = connection_of(folder)
    assert connection.build_file(folder) == folder / "there" / "build.duckdb"
    assert connection.published_file(folder) == folder / "out" / "read_me.duckdb"
    bare = connection_of(folder, "bare")
    assert bare.published_file(folder) == folder / "warehouse" / "attrition.duckdb"
    monkeypatch.setenv("ATTRITION_BUILD", "/elsewhere/build.duckdb")
    assert connection_of(folder).build_file(folder) == Path("/elsewhere/build.duckdb")


@pytest.mark.parametrize(("target", "said"), [("memory", "path :memory:"), ("prod", "snowflake")])
def test_an_output_without_a_file_is_named(tmp_path, target, said):
    folder = write(tmp_path, PLACES)
    with pytest.raises(AttritionError, match=f"output {target} of profiles.yml .*{said}"):
        connection_of(folder, target).published_file(folder)


def test_profiles_of_the_home_folder_are_read_where_the_project_has_none(tmp_path, home):
    folder = write(tmp_path, None)
    (home / ".dbt").mkdir(parents=True)
    (home / ".dbt" / "profiles.yml").write_text("other: {}", encoding="utf-8")
    assert connection_of(folder).output == {}
    (home / ".dbt" / "profiles.yml").write_text(PLACES, encoding="utf-8")
    assert connection_of(folder).database == "there/build.duckdb"


def test_an_adapter_that_is_not_installed_is_named_with_the_command(tmp_path, monkeypatch):
    folder = write(tmp_path, PLACES)
    connection_of(folder).require_adapter()
    monkeypatch.setattr("attrition.project.profile.find_spec", lambda _: None)
    with pytest.raises(AttritionError, match=r"dbt-snowflake is not installed\. Install it \(make"):
        connection_of(folder, "prod").require_adapter()
