"""What the tests of this folder share, and what they tell at the end."""

import os

import pytest
from account import Account, running_account
from dbt_project import ROOT


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Account:
    """An emulated account with the library on its stage and nothing built, of this very tree."""
    with running_account(tmp_path_factory.mktemp("account"), ROOT) as account:
        account.upload()
        yield account


@pytest.fixture
def report(record_property):
    """Take the comparisons of two warehouses, to be told at the end also from another process."""

    def take(comparisons):
        record_property("parity", [one.line() for one in comparisons])

    return take


def pytest_terminal_summary(terminalreporter):
    """Tell the parity of both warehouses, and what no account was there for."""
    reports = [one for reports in terminalreporter.stats.values() for one in reports]
    for one in reports:
        # the phases of a test all carry its properties
        told = dict(one.user_properties) if getattr(one, "when", None) == "call" else {}
        if "parity" in told:
            terminalreporter.section("both warehouses, second build")
            terminalreporter.line("table, rows, columns compared, largest difference")
            for line in told["parity"]:
                terminalreporter.line(line)
    if not os.environ.get("SNOWFLAKE_ACCOUNT"):
        terminalreporter.line(
            "live account: NOT RUN (SNOWFLAKE_ACCOUNT is not set); all else is emulator-tested"
        )
