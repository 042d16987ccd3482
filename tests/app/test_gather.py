"""The folder for Streamlit in Snowflake holds what its manifest names, and all that runs there."""

import re
import tomllib

import yaml

from app.gather import gather
from app.reader import SESSION, TARGET_VARIABLE


def test_the_manifest_names_what_is_there(tmp_path):
    folder = tmp_path / "gathered"
    gather(folder)
    [entity] = yaml.safe_load((folder / "snowflake.yml").read_text())["entities"].values()
    assert entity["type"] == "streamlit"
    for name in (entity["main_file"], *entity["artifacts"]):
        assert (folder / name).exists(), name
    named = {name.strip("/") for name in entity["artifacts"]} | {"snowflake.yml"}
    assert {path.name for path in folder.iterdir()} == named
    assert not list(folder.rglob("__pycache__"))


def test_packages_have_one_version_each_and_the_server_is_snowflake_s(tmp_path):
    gather(tmp_path / "gathered")
    lines = (tmp_path / "gathered" / "requirements.txt").read_text().splitlines()
    assert all(re.fullmatch(r"[\w-]+==[\d.]+", line) for line in lines)
    assert {"streamlit", "duckdb"} <= {line.split("==")[0] for line in lines}
    config = tomllib.loads((tmp_path / "gathered" / ".streamlit" / "config.toml").read_text())
    assert set(config) == {"theme"}


def test_the_app_there_asks_the_session_that_it_is_given(tmp_path):
    gather(tmp_path / "gathered")
    text = (tmp_path / "gathered" / "streamlit_app.py").read_text()
    assert "os.environ[TARGET_VARIABLE] = SESSION" in text
    assert SESSION
    assert TARGET_VARIABLE
