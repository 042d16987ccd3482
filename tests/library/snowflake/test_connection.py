"""A login from the profile: what dbt would use, and one clear sentence where it cannot work."""

import base64
import contextvars
import os
import re
import sys
from pathlib import Path

import pytest
import yaml
from attrition.errors import AttritionError
from attrition.snowflake.connection import (
    connect_arguments,
    missing_variables,
    open_connection,
    private_key,
    rendered_output,
    rows_of,
)
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from fake_account import FakeAccount
from snowflake.connector.errors import DatabaseError, OperationalError

PROJECT = Path(__file__).resolve().parents[3]
KEY = "DBT_ENV_SECRET_SNOWFLAKE_PRIVATE_KEY"
LOGIN = {"SNOWFLAKE_ACCOUNT": "org-account", "SNOWFLAKE_USER": "builder"}
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PASSPHRASE = "correct horse"


def text_of(encoding: serialization.Encoding, passphrase: str = "") -> bytes:
    encryption = (
        serialization.BestAvailableEncryption(passphrase.encode())
        if passphrase
        else serialization.NoEncryption()
    )
    return RSA.private_bytes(encoding, serialization.PrivateFormat.PKCS8, encryption)


DER = text_of(serialization.Encoding.DER)
PEM = text_of(serialization.Encoding.PEM).decode()
ENCRYPTED_PEM = text_of(serialization.Encoding.PEM, PASSPHRASE).decode()
ENCRYPTED_DER = base64.b64encode(text_of(serialization.Encoding.DER, PASSPHRASE)).decode()


def outputs() -> dict:
    text = (PROJECT / "profiles.yml.example").read_text(encoding="utf-8")
    return yaml.safe_load(text)["attrition"]["outputs"]


def test_the_outputs_of_the_profile_take_all_from_the_environment():
    given = {
        **LOGIN, KEY: PEM, f"{KEY}_PASSPHRASE": "p", "SNOWFLAKE_ROLE": "r",
        "SNOWFLAKE_WAREHOUSE": "w", "SNOWFLAKE_DATABASE": "d", "SNOWFLAKE_SCHEMA": "s",
    }  # fmt: skip
    for target in ("prod", "snowflake_dev"):
        assert rendered_output(outputs()[target], given) == {
            "type": "snowflake", "account": "org-account", "user": "builder", "private_key": PEM,
            "private_key_passphrase": "p", "role": "r", "warehouse": "w", "database": "d",
            "schema": "s", "threads": 4, "query_tag": "attrition",
        }  # fmt: skip


def test_the_profile_renders_as_dbt_renders_it(monkeypatch):
    from dbt.config.renderer import ProfileRenderer
    from dbt_common.context import set_invocation_context

    def by_dbt():
        set_invocation_context(os.environ)
        return {key: ProfileRenderer({}).render_value(value) for key, value in output.items()}

    for name, value in {**LOGIN, KEY: PEM}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("SNOWFLAKE_DATABASE", raising=False)
    output = outputs()["snowflake_dev"]
    assert rendered_output(output) == contextvars.copy_context().run(by_dbt)


def test_a_missing_variable_is_named_with_what_needs_it():
    with pytest.raises(AttritionError) as raised:
        rendered_output(outputs()["prod"], {"SNOWFLAKE_ACCOUNT": "a", KEY: "k"})
    assert str(raised.value) == (
        "SNOWFLAKE_USER is not set, and `user` in profiles.yml needs it: export SNOWFLAKE_USER=..."
    )


def test_all_missing_variables_are_found_and_those_with_a_default_are_not():
    assert missing_variables(outputs()["prod"], {}) == (*LOGIN, KEY)
    assert missing_variables(outputs()["prod"], {**LOGIN, KEY: ""}) == (KEY,)
    assert missing_variables(outputs()["dev"], {}) == ()


def test_jinja_that_is_not_valid_names_its_key():
    with pytest.raises(AttritionError, match=r"^`role` in profiles\.yml is not valid Jinja: "):
        rendered_output({"role": "{{ env_var('A' }}"}, {})


@pytest.mark.parametrize(
    ("text", "passphrase"),
    [
        (PEM, ""),
        (base64.b64encode(DER).decode(), ""),
        (ENCRYPTED_PEM, PASSPHRASE),
        (ENCRYPTED_DER, PASSPHRASE),
    ],
    ids=["pem", "der", "encrypted pem", "encrypted der"],
)
def test_a_key_is_read_in_each_form(text, passphrase):
    assert private_key(text, passphrase, KEY) == DER


@pytest.mark.parametrize(
    ("text", "passphrase", "message"),
    [
        ("not a key", "", f"^{KEY} is no private key; give the text of a PKCS#8 PEM file"),
        (PEM[:200], "", f"^{KEY} is no private key; "),
        (PEM.replace("\n", "\\n"), "", rf"^{KEY} has \\n where line breaks belong; "),
        (ENCRYPTED_PEM, "", f"^{KEY} is an encrypted key and {KEY}_PASSPHRASE is not set; "),
        (ENCRYPTED_PEM, "wrong", f"^{KEY}_PASSPHRASE does not fit the key in {KEY}"),
        (ENCRYPTED_DER, "wrong", f"^{KEY}_PASSPHRASE does not fit the key in {KEY}"),
        (PEM, "needless", "the key is not encrypted or is damaged; unset the passphrase"),
    ],
    ids=["text", "cut", "escaped", "no passphrase", "wrong", "wrong der", "needless"],
)
def test_a_key_that_cannot_be_used_is_one_sentence_without_the_secret(text, passphrase, message):
    with pytest.raises(AttritionError, match=message) as raised:
        private_key(text, passphrase, KEY)
    told = str(raised.value)
    assert "\n" not in told
    assert text[40:80] not in told or text == "not a key"
    assert not passphrase or passphrase not in told.replace("passphrase", "")


def test_the_path_of_a_key_works_too(tmp_path):
    path = tmp_path / "key.p8"
    path.write_text(PEM)
    output = {"account": "a", "user": "u", "private_key_path": str(path)}
    assert connect_arguments(output)["private_key"] == DER
    with pytest.raises(AttritionError, match=r"gone\.p8 cannot be read"):
        connect_arguments({**output, "private_key_path": str(tmp_path / "gone.p8")})
    path.write_text("nothing")
    with pytest.raises(AttritionError, match=re.escape(f"{path} is no private key")):
        connect_arguments(output)


def test_the_connector_gets_what_the_profile_says(monkeypatch):
    asked = {}
    monkeypatch.setattr("snowflake.connector.connect", lambda **named: asked.update(named))
    open_connection(rendered_output(outputs()["prod"], {**LOGIN, KEY: PEM}))
    assert asked["private_key"] == DER
    names = {key: asked[key] for key in ("account", "user", "role", "warehouse", "database")}
    assert names == {
        "account": "org-account", "user": "builder", "role": "attrition",
        "warehouse": "attrition", "database": "attrition",
    }  # fmt: skip
    assert "password" not in asked
    assert 0 < asked["login_timeout"] <= 60


@pytest.mark.parametrize(
    "error",
    [
        DatabaseError(msg="250001 (08001): Failed to connect: JWT token is invalid. [x]\nmore"),
        OperationalError(msg="250001: Could not connect to Snowflake backend.\nmore"),
        OSError("no route to host\nmore"),
    ],
)
def test_a_refused_login_is_one_sentence(monkeypatch, error):
    def refuse(**_named):
        raise error

    monkeypatch.setattr("snowflake.connector.connect", refuse)
    with pytest.raises(AttritionError) as raised:
        open_connection({"account": "org-account", "user": "builder"})
    told = str(raised.value)
    assert told.startswith("Snowflake account org-account could not be opened as builder: ")
    assert str(error).splitlines()[0].rstrip(".") in told
    assert "more" not in told
    assert "SNOWFLAKE_USER" in told


@pytest.mark.parametrize("package", ["snowflake.connector", "dbt.adapters.snowflake.auth"])
def test_a_missing_package_says_how_to_install_it(monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(AttritionError, match=r"is not installed\. Install it: pip install -r "):
        open_connection({"account": "a", "user": "u", "private_key": PEM})


def test_rows_have_names_in_lower_case_and_errors_say_what_was_refused():
    fake = FakeAccount()
    fake.add("warehouse", "w")
    rows = rows_of(fake.connect("accountadmin"))
    [row] = rows("show warehouses like 'w'")
    assert row["name"] == "W"
    with pytest.raises(AttritionError) as raised:
        rows("list @a.b.c\n-- more")
    assert str(raised.value).startswith("Snowflake refused `list @a.b.c`: SQL compilation error: ")


@pytest.mark.parametrize(
    ("named", "token"),
    [("programmatic_access_token", "t"), ("oauth", "t"), ("externalbrowser", None)],
)
def test_other_logins_of_the_example_reach_the_connector(named, token):
    text = (PROJECT / "profiles.yml.example").read_text(encoding="utf-8")
    shown = text.partition("in place of the two lines above")[2].partition("role:")[0]
    assert f"#   authenticator: {named}\n" in shown
    arguments = connect_arguments({"account": "a", "user": "u", "authenticator": named,
                                   "token": token})  # fmt: skip
    assert arguments["authenticator"] == named
    assert arguments.get("token") == token
    assert "private_key" not in arguments
