"""A connection of snowflake.connector from an output of the profile, as dbt would open it."""

import os
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from attrition.errors import AttritionError, first_line
from attrition.snowflake.privileges import Rows

INSTALL = "Install it: pip install -r requirements-snowflake.lock, or `make snowflake-install`"
PROFILE = "SNOWFLAKE"
_NEEDED = ("account", "user")
_PASSED_ON = (
    "account", "user", "role", "warehouse", "database", "schema", "password", "authenticator",
    "token", "host", "port", "protocol", "proxy_host", "proxy_port", "insecure_mode",
)  # fmt: skip
_LOGIN_SECONDS = 30
_NOT_THERE = frozenset({2003, 2043})


class MissingObjectError(AttritionError):
    """A statement names an object that does not exist, or that the role may not see."""


def rendered_output(
    output: Mapping[str, Any], environment: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return an output of a profile with its `env_var(...)` replaced, as dbt does.

    Raises:
        AttritionError: A variable without a default is not set, or the Jinja is not valid.
    """
    given = os.environ if environment is None else environment
    return {key: _rendered(key, value, given) for key, value in output.items()}


def missing_variables(
    output: Mapping[str, Any], environment: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """Return the variables that an output needs and that are not set or empty, each once."""
    given = os.environ if environment is None else environment
    missing: dict[str, None] = {}

    def env_var(name: str, default: str | None = None) -> str:
        if default is None and not given.get(name):
            missing[name] = None
        return given.get(name, default or "")

    for key, value in output.items():
        if isinstance(value, str) and "{" in value:
            _template(key, value).render(env_var=env_var)
    return tuple(missing)


def _rendered(key: str, value: Any, environment: Mapping[str, str]) -> Any:
    if not isinstance(value, str) or "{" not in value:
        return value

    def env_var(name: str, default: str | None = None) -> str:
        if default is None and not environment.get(name):
            raise AttritionError(_not_set(name, key))
        return environment.get(name, default or "")

    return _template(key, value).render(env_var=env_var)


def _not_set(name: str, key: str) -> str:
    return f"{name} is not set, and `{key}` in profiles.yml needs it: export {name}=..."


def _template(key: str, text: str) -> Any:
    from jinja2 import Environment, TemplateError

    environment = Environment(autoescape=False)
    # dbt's filters say what type a text is meant to be; the connector takes text for all of them
    for name in ("as_text", "as_bool", "as_native", "as_number"):
        environment.filters[name] = lambda value: value
    try:
        return environment.from_string(text)
    except TemplateError as error:
        raise AttritionError(f"`{key}` in profiles.yml is not valid Jinja: {error}") from error


def connect_arguments(output: Mapping[str, Any], prefix: str = PROFILE) -> dict[str, Any]:
    """Return what `snowflake.connector.connect` takes, from a rendered output.

    Args:
        output: As `rendered_output` returns it.
        prefix: How the variables of user and key begin, for the texts of errors.

    Raises:
        AttritionError: Account or user is missing, or the key cannot be used.
    """
    for key in _NEEDED:
        if not output.get(key):
            raise AttritionError(f"The output has no `{key}`; profiles.yml.example shows it.")
    arguments = {key: output[key] for key in _PASSED_ON if output.get(key) not in {None, ""}}
    passphrase = str(output.get("private_key_passphrase") or "")
    text, path = output.get("private_key"), output.get("private_key_path")
    variable = f"DBT_ENV_SECRET_{prefix}_PRIVATE_KEY"
    if text:
        arguments["private_key"] = private_key(str(text), passphrase, variable)
    elif path:
        key = _key_file(str(path))
        arguments["private_key"] = private_key(key, passphrase, path, "private_key_passphrase")
    return {
        **arguments,
        "login_timeout": _LOGIN_SECONDS,
        "application": "attrition",
        "session_parameters": {"QUERY_TAG": "attrition"},
    }


def _key_file(path: str) -> str:
    try:
        return Path(path).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise AttritionError(
            f"The private key {path} cannot be read: {error}. Name a PEM file in profiles.yml."
        ) from error


def private_key(text: str, passphrase: str, variable: str, secret: str | None = None) -> bytes:
    """Return a private key as the connector takes it, unencrypted DER.

    dbt's own loader reads it, so that what is accepted here is accepted there.

    Args:
        text: PEM, or base64 of DER on one line.
        passphrase: What the key is encrypted with; empty where it is not.
        variable: Where the text is from; errors name it, never the text.
        secret: Where the passphrase is from; None for `<variable>_PASSPHRASE`.

    Raises:
        AttritionError: The text is no key, the passphrase does not fit, or a package is missing.
    """
    try:
        from dbt.adapters.snowflake.auth import private_key_from_string
    except ImportError as error:
        raise AttritionError(f"dbt-snowflake is not installed. {INSTALL}.") from error
    from cryptography.hazmat.primitives import serialization

    try:
        key = private_key_from_string(text, passphrase or None)
        return key.private_bytes(
            encoding=serialization.Encoding.DER,
            format=serialization.PrivateFormat.PKCS8,
            encryption_algorithm=serialization.NoEncryption(),
        )
    except Exception as error:
        # the libraries raise half a dozen types, and their texts could hold parts of a secret
        raise AttritionError(
            _key_problem(text, passphrase, variable, secret or f"{variable}_PASSPHRASE")
        ) from error


def _key_problem(text: str, passphrase: str, variable: str, secret: str) -> str:
    is_pem, is_encrypted = text.startswith("-----BEGIN"), "ENCRYPTED" in text
    if is_pem and "\\n" in text:
        return (
            f"{variable} has \\n where line breaks belong; set it from the file: "
            f'export {variable}="$(cat rsa_key.p8)".'
        )
    if is_pem and is_encrypted and not passphrase:
        return f"{variable} is an encrypted key and {secret} is not set; set it to its passphrase."
    if is_pem and not is_encrypted and passphrase:
        return (
            f"{variable} cannot be read with the passphrase in {secret}: the key is not encrypted "
            "or is damaged; unset the passphrase, or give the encrypted key."
        )
    if passphrase:
        return f"{secret} does not fit the key in {variable}, or the key is damaged."
    return (
        f"{variable} is no private key; give the text of a PKCS#8 PEM file "
        "(-----BEGIN PRIVATE KEY-----) or its DER as one line of base64, and where it is "
        f"encrypted its passphrase in {secret}."
    )


def open_connection(output: Mapping[str, Any], prefix: str = PROFILE) -> Any:
    """Open a connection from a rendered output; arguments as of `connect_arguments`.

    Raises:
        AttritionError: snowflake-connector-python is missing, the key cannot be used, the account
            cannot be reached, or the login is refused.
    """
    try:
        import snowflake.connector
        from snowflake.connector.errors import Error
    except ImportError as error:
        raise AttritionError(f"snowflake-connector-python is not installed. {INSTALL}.") from error
    arguments = connect_arguments(output, prefix)
    try:
        return snowflake.connector.connect(**arguments)
    except (Error, OSError) as error:
        raise AttritionError(
            f"Snowflake account {output['account']} could not be opened as {output['user']}: "
            f"{first_line(error)} Check SNOWFLAKE_ACCOUNT (organization-account), {prefix}_USER, "
            "the public key of that user, and the network."
        ) from error


def rows_of(connection: Any) -> Rows:
    """Return a function that runs one statement and returns its rows, names in lower case.

    It raises MissingObjectError where an object does not exist or cannot be seen, and
    AttritionError with the first line of what Snowflake says for all else.
    """
    from snowflake.connector.errors import Error

    def rows(sql: str) -> list[dict[str, Any]]:
        try:
            with closing(connection.cursor()) as cursor:
                cursor.execute(sql)
                names = [column[0].lower() for column in cursor.description or ()]
                return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        except Error as error:
            kind = MissingObjectError if error.errno in _NOT_THERE else AttritionError
            first = sql.strip().splitlines()[0]
            raise kind(f"Snowflake refused `{first}`: {first_line(error)}") from error

    return rows
