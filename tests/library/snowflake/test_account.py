"""Setting an account up grants what a build needs, no more; taking it down leaves nothing."""

import re
from pathlib import Path

import pytest
import yaml
from attrition.cli import app
from attrition.errors import AttritionError
from attrition.snowflake import account
from attrition.snowflake.connection import rendered_output, rows_of
from attrition.snowflake.names import names_from_environment, names_of_output
from attrition.snowflake.templates import statements
from fake_account import CONDA, PYPI, FakeAccount
from snowflake_expected import GRANTS, parses
from typer.testing import CliRunner

PROJECT = Path(__file__).resolve().parents[3]
ONE = {"SNOWFLAKE_DATABASE": "shop", "SNOWFLAKE_USER": "builder", "SNOWFLAKE_COMPUTE_POOL": "pool"}
KEY = "MIIBIjANBgkqhkiG9w0BAQ=="


def rows(fake: FakeAccount):
    return rows_of(fake.connect("accountadmin"))


def set_up(environment: dict[str, str], **options) -> FakeAccount:
    fake = FakeAccount()
    names = names_from_environment(environment)
    if names.user:
        fake.add("user", names.user)
    list(account.up(rows(fake), account.up_sql(names, **options)))
    return fake


def test_the_role_gets_exactly_what_a_build_needs():
    fake = set_up(ONE)
    assert {one[:3] for one in fake.grants} == GRANTS
    assert {one[3] for one in fake.grants} == {"ATTRITION"}
    assert set(fake.members) == {
        ("role", "ATTRITION", "SYSADMIN"), ("user", "ATTRITION", "BUILDER"),
    }  # fmt: skip


def test_every_grant_says_why():
    blocks = account.up_sql(names_from_environment(ONE)).split("\n\n")
    grants = [block for block in blocks if re.search(r"^grant ", block, re.MULTILINE)]
    assert len(grants) > 15
    assert all(block.startswith("-- ") for block in grants)


def test_warehouses_sleep_and_the_one_for_training_is_for_snowpark():
    fake = set_up(ONE)
    for name in ("ATTRITION", "ATTRITION_TRAINING"):
        made = fake.objects["warehouse", name]["sql"]
        assert "initially_suspended = true" in made
        assert "warehouse_size = xsmall" in made
        trains = name == "ATTRITION_TRAINING"
        assert ("snowpark-optimized" in made) == trains
        # the package cache of the one is lost when it sleeps, the other has none
        assert f"auto_suspend = {300 if trains else 60} " in made
        # said where it can be said, never inherited from the account
        assert ("generation = '1'" in made) != trains


def test_packages_come_from_where_the_variable_says():
    fake = set_up(ONE)
    assert fake.repository_of("shop.attrition") == PYPI
    fake = set_up({**ONE, "SNOWFLAKE_PACKAGE_SOURCE": "conda"})
    assert fake.repository_of("shop.attrition") == CONDA
    assert not [one for one in fake.grants if one[0] == "create procedure"]
    # training jobs install from PyPI all the same
    assert [one[2] for one in fake.grants if one[1] == "database role"] == [
        "SNOWFLAKE.PYPI_REPOSITORY_USER"
    ]
    without_jobs = {name: value for name, value in ONE.items() if "POOL" not in name}
    fake = set_up({**without_jobs, "SNOWFLAKE_PACKAGE_SOURCE": "conda"})
    assert not [one for one in fake.grants if one[1] == "database role"]


def test_a_package_source_that_is_none_is_refused():
    with pytest.raises(AttritionError, match=r"SNOWFLAKE_PACKAGE_SOURCE is 'PyPI', and must be"):
        names_from_environment({"SNOWFLAKE_PACKAGE_SOURCE": "PyPI"})


def test_what_python_logs_is_kept():
    assert "log_level = info" in set_up(ONE).objects["schema", "SHOP.ATTRITION"]["sql"]


@pytest.mark.parametrize("edition", ["standard", "enterprise"])
def test_every_edition_has_all_but_what_is_asked_for_last(edition):
    fake = FakeAccount(edition=edition)
    fake.add("user", "builder")
    names = names_from_environment(ONE)
    list(account.up(rows(fake), account.up_sql(names, credit_quota=1)))
    lines = list(account.up_where_allowed(rows(fake), account.enterprise_sql(names, True)))
    refused = [line for line in lines if line.startswith("Left out, and a build can do without: ")]
    assert len(lines) == 2
    assert len(refused) == (2 if edition == "standard" else 0)
    if refused:
        assert "Unsupported feature 'TAG'" in refused[1]
        assert refused[1].endswith("Enterprise Edition has it, Standard Edition may not.")


def test_tags_are_asked_for_only_where_features_are_to_be_registered():
    names = names_from_environment(ONE)
    assert "create tag" not in account.up_sql(names) + account.enterprise_sql(names)
    assert "create tag" in account.enterprise_sql(names, feature_store=True)


def test_without_a_database_both_outputs_of_the_profile_get_one():
    fake = set_up({})
    assert fake.names("database") == {"ATTRITION", "ATTRITION_DEV"}
    assert fake.names("stage") == {
        "ATTRITION.ATTRITION.ATTRITION_LIBRARY", "ATTRITION_DEV.ATTRITION.ATTRITION_LIBRARY",
    }  # fmt: skip
    assert fake.names("compute pool") == set()
    assert not any(statement.startswith("create user") for statement in fake.statements)


def test_it_may_run_again():
    fake = set_up(ONE)
    before = (dict(fake.objects), sorted(fake.grants))
    list(account.up(rows(fake), account.up_sql(names_from_environment(ONE))))
    assert (dict(fake.objects), sorted(fake.grants)) == before


def test_the_stage_is_the_one_that_the_library_is_put_on():
    from attrition.snowflake.library import LIBRARY_STAGE

    assert set_up(ONE).names("stage") == {f"SHOP.ATTRITION.{LIBRARY_STAGE.upper()}"}


def test_raw_tables_elsewhere_are_read_and_their_schema_is_not_made():
    fake = FakeAccount()
    fake.add("database", "lake")
    fake.add("schema", "lake.crm")
    elsewhere = {"SNOWFLAKE_RAW_DATABASE": "lake", "SNOWFLAKE_RAW_SCHEMA": "crm"}
    names = names_from_environment({"SNOWFLAKE_DATABASE": "shop", **elsewhere})
    list(account.up(rows(fake), account.up_sql(names)))
    assert ("usage", "schema", "LAKE.CRM", "ATTRITION") in fake.grants
    assert fake.names("schema") == {"LAKE.CRM", "SHOP.ATTRITION"}
    list(account.down(rows(fake), names))
    assert fake.names("database") == {"LAKE"}
    assert fake.names("schema") == {"LAKE.CRM"}


def test_a_service_user_is_made_with_a_key_and_no_password(tmp_path):
    path = tmp_path / "rsa_key.pub"
    path.write_text(f"-----BEGIN PUBLIC KEY-----\n{KEY}\n-----END PUBLIC KEY-----\n")
    fake = FakeAccount()
    sql = account.up_sql(names_from_environment(ONE), account.public_key(path))
    list(account.up(rows(fake), sql))
    made = fake.objects["user", "BUILDER"]["sql"]
    assert "type = service" in made
    assert f"rsa_public_key = '{KEY}'" in made
    assert "password" not in made


@pytest.mark.parametrize(
    "content",
    [
        "",
        "-----BEGIN PRIVATE KEY-----\nabc\n",
        KEY,
        "-----BEGIN PUBLIC KEY-----\na'; drop database x; --\n",
    ],
)
def test_what_is_no_public_key_is_refused(tmp_path, content):
    path = tmp_path / "key.pub"
    path.write_text(content)
    with pytest.raises(AttritionError, match="is no public key in PEM"):
        account.public_key(path)


def test_a_key_without_a_user_is_refused():
    with pytest.raises(AttritionError, match="SNOWFLAKE_USER"):
        account.up_sql(names_from_environment({}), KEY)


def test_a_quota_stops_both_warehouses():
    fake = set_up(ONE, credit_quota=7)
    assert "credit_quota = 7" in fake.objects["resource monitor", "ATTRITION_CREDITS"]["sql"]
    assert {s for s in fake.statements if "resource_monitor" in s} == {
        "alter warehouse attrition set resource_monitor = attrition_credits",
        "alter warehouse attrition_training set resource_monitor = attrition_credits",
    }


@pytest.mark.parametrize("name", ["a;drop database x", "a b", 'a"b', "1a", "a.b", "ä", "a" * 256])
@pytest.mark.parametrize("variable", ["SNOWFLAKE_ROLE", "SNOWFLAKE_DATABASE", "SNOWFLAKE_USER"])
def test_a_name_that_is_no_identifier_is_refused_with_its_variable(variable, name):
    with pytest.raises(AttritionError, match=f"^{variable} is "):
        names_from_environment({variable: name})


def test_names_may_have_digits_underscores_and_dollars():
    assert names_from_environment({"SNOWFLAKE_ROLE": "_a1$"}).role == "_a1$"
    assert "create role if not exists _a1$ " in account.up_sql(
        names_from_environment({"SNOWFLAKE_ROLE": "_a1$"})
    )


@pytest.mark.parametrize(
    ("target", "database"), [("prod", "attrition"), ("snowflake_dev", "attrition_dev")]
)
def test_the_profile_uses_the_names_that_are_made(target, database, monkeypatch):
    text = (PROJECT / "profiles.yml.example").read_text(encoding="utf-8")
    output = yaml.safe_load(text)["attrition"]["outputs"][target]
    key = "DBT_ENV_SECRET_SNOWFLAKE_PRIVATE_KEY"
    login = {"SNOWFLAKE_ACCOUNT": "a", "SNOWFLAKE_USER": "u", key: "k"}
    used = names_of_output(rendered_output(output, login), {})
    made = names_from_environment({})
    assert used.databases == (database,)
    assert database in made.databases
    for part in ("role", "warehouse", "training_warehouse", "schema", "raw_schema"):
        assert getattr(used, part) == getattr(made, part)


def test_down_leaves_nothing_of_what_up_made(tmp_path):
    fake = FakeAccount()
    before = dict(fake.objects)
    names = names_from_environment(ONE)
    list(account.up(rows(fake), account.up_sql(names, KEY, credit_quota=1)))
    fake.add("table", "shop.attrition.attrition_scores")
    lines = list(account.down(rows(fake), names))
    assert fake.objects == before
    assert fake.grants == []
    assert lines[-1].startswith("Nothing that `attrition snowflake up` made remains; looked for ")
    for kind in ("database shop", "warehouse attrition_training", "role attrition", "user builder",
                 "resource monitor attrition_credits", "compute pool pool"):  # fmt: skip
        assert kind in lines[-1]


def test_down_twice_is_in_order():
    fake = set_up({})
    names = names_from_environment({})
    list(account.down(rows(fake), names))
    assert len(list(account.down(rows(fake), names))) == 1


def test_down_leaves_alone_what_was_there_before():
    fake = FakeAccount()
    fake.add("warehouse", "attrition", "the finance team's")
    fake.add("database", "shop")
    fake.add("schema", "shop.attrition")
    fake.add("user", "builder")
    names = names_from_environment(ONE)
    list(account.up(rows(fake), account.up_sql(names)))
    lines = list(account.down(rows(fake), names))
    assert fake.names("warehouse") == {"ATTRITION"}
    assert fake.names("schema") == {"SHOP.ATTRITION"}
    assert fake.names("user") == {"BUILDER"}
    # what up put into their schema is gone
    assert fake.names("stage") == set()
    assert fake.names("role") == {"ACCOUNTADMIN", "SYSADMIN", "PUBLIC"}
    left = "Left alone: warehouse attrition, which `attrition snowflake up` did not make."
    assert left in lines
    assert any("alter schema shop.attrition unset default_python_artifact" in line
               for line in lines)  # fmt: skip


def test_down_goes_on_after_a_refusal_and_says_it():
    fake = set_up(ONE)
    # a pool on which somebody's job runs
    fake.refuses = "alter compute pool"
    lines = []
    with pytest.raises(AttritionError, match=r"Still there after `down`: compute pool pool\."):
        lines.extend(account.down(rows(fake), names_from_environment(ONE)))
    assert [line for line in lines if line.startswith("Not dropped: compute pool pool.")]
    assert "Dropped: role attrition" in lines


def test_down_takes_no_neighbour_whose_name_looks_alike():
    fake = set_up({})
    fake.add("database", "attritionXdev", account.MADE_BY)
    list(account.down(rows(fake), names_from_environment({})))
    assert fake.names("database") == {"ATTRITIONXDEV"}


@pytest.mark.parametrize(
    ("kind", "name"),
    [("database", "SHOP"), ("warehouse", "ATTRITION"), ("role", "ATTRITION"),
     ("compute pool", "POOL"), ("resource monitor", "ATTRITION_CREDITS")],
)  # fmt: skip
def test_what_down_could_not_drop_is_named(kind, name):
    fake = set_up(ONE, credit_quota=1)
    fake.undroppable.add((kind, name))
    with pytest.raises(AttritionError, match="Still there after `down`") as raised:
        list(account.down(rows(fake), names_from_environment(ONE)))
    assert f"{kind} {name.lower()}" in str(raised.value)
    assert f"drop {kind} if exists {name.lower()};" in str(raised.value)


def test_a_refused_statement_is_one_clear_sentence():
    fake = FakeAccount()
    names = names_from_environment({"SNOWFLAKE_RAW_DATABASE": "lake"})
    with pytest.raises(AttritionError) as raised:
        list(account.up(rows(fake), account.up_sql(names)))
    assert str(raised.value) == (
        "Snowflake refused `grant usage on database lake to role attrition`: "
        "SQL compilation error: Database 'LAKE' does not exist or not authorized."
    )


def test_every_statement_is_snowflakes():
    names = names_from_environment(ONE)
    texts = statements(account.up_sql(names, KEY, 3)) + statements(account.down_sql(names))
    texts += statements(account.enterprise_sql(names, feature_store=True))
    assert len(texts) > 40
    assert [text for text in texts if not parses(text)] == []


def test_a_statement_that_is_not_snowflakes_is_seen():
    assert not parses("create warehouse if exists not attrition")
    assert not parses("grant select on every table in schema a.b to role c")


@pytest.fixture
def no_login(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    import os

    for name in os.environ:
        if "SNOWFLAKE" in name:
            monkeypatch.delenv(name)
    return monkeypatch


def run(*arguments: str):
    return CliRunner().invoke(app, ["snowflake", *arguments])


def test_printing_needs_no_login(no_login):
    result = run("up", "--print")
    assert result.exit_code == 0
    assert "create role if not exists attrition comment" in result.stdout
    assert "create tag" not in result.stdout
    assert "grant create tag" in run("up", "--print", "--feature-store").stdout
    assert run("down", "--print").stdout.count("drop database if exists") == 2


def test_without_a_login_the_variable_is_named(no_login):
    result = run("up")
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: SNOWFLAKE_ACCOUNT is not set")
    assert "Snowsight" in result.stderr


def test_down_asks_first_and_says_that_tables_go_too(no_login):
    no_login.setattr(
        "attrition.snowflake.connection.open_connection", lambda *_: pytest.fail("opened")
    )
    result = run("down")
    assert result.exit_code == 2
    assert "Nothing was dropped. With --yes" in result.stderr
    assert "raw tables, scores with their history, and model versions" in result.stderr
    assert "database attrition_dev" in result.stderr


def test_the_commands_run_as_the_administrator(no_login):
    fake, opened = FakeAccount(), []

    def connect(output, prefix):
        opened.append((output["user"], output["role"], prefix))
        return fake.connect(output["role"])

    no_login.setattr("attrition.snowflake.connection.open_connection", connect)
    no_login.setenv("SNOWFLAKE_ACCOUNT", "org-account")
    no_login.setenv("SNOWFLAKE_ADMIN_USER", "boss")
    no_login.setenv("DBT_ENV_SECRET_SNOWFLAKE_ADMIN_PRIVATE_KEY", "secret text")
    result = run("up")
    assert result.exit_code == 0, result.output
    assert "create database if not exists attrition_dev" in result.stdout
    assert "secret text" not in result.output
    result = run("down", "--yes")
    assert result.exit_code == 0, result.output
    assert "made remains" in result.stdout
    assert opened == [("boss", "accountadmin", "SNOWFLAKE_ADMIN")] * 2
