"""The project as it lies in this tree, compiled against the emulated account, once in a session."""

import dataclasses
import functools
import json

from account import DATABASE, PROFILE, Account
from dbt_project import ROOT
from dialect import sent_statements

# No other test builds there.
SCHEMA = "compiled"


class Compiled:
    """dbt's answers for one account, by the settings that they were asked with."""

    def __init__(self, account: Account, folder):
        profile = PROFILE.format(port=account.port, database=DATABASE, schema=SCHEMA)
        (folder / "profiles.yml").write_text(profile)
        self.account = dataclasses.replace(account, folder=folder, root=ROOT)

    @functools.cache  # noqa: B019
    def manifest(self, settings, *arguments):
        self.account.run("compile", *arguments, "--vars", settings)
        return json.loads((self.account.target / "manifest.json").read_text())

    def sent(self, *arguments):
        """Run dbt, whatever becomes of it, and return the statements that it sent."""
        log = self.account.folder / "logs" / "dbt.log"
        log.unlink(missing_ok=True)
        # one file, however long
        logging = ("--log-format-file", "json", "--log-file-max-bytes", "0")
        done = self.account.dbt(*arguments, *logging)
        assert log.exists(), done.stdout[-4000:]
        return sent_statements(log)

    def create(self, relation, columns):
        with self.account.connection() as connection:
            schema = relation.rpartition(".")[0]
            declared = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            connection.cursor().execute(f"create schema if not exists {schema}")
            connection.cursor().execute(f"create or replace table {relation} ({declared})")


@functools.cache
def compiled_for(account: Account) -> Compiled:
    folder = account.folder / SCHEMA
    folder.mkdir()
    return Compiled(account, folder)
