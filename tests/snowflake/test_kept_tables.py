"""On Snowflake too, tables that are kept hold what a build of everything would put there."""

import datetime as dt
import re

import pytest
from account import keep_some_customers, running_account
from dbt_project import QUICK

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("snowflake_kept_tables")]

MODELS = ("run", "--vars", QUICK, "--select", "+int_features__vector", "int_population__labels")
LATE = "late {0},C000470,{0},consumable,SET-12,1,10.00,false\n"


def test_a_late_record_and_nothing_else_makes_tables_anew(tmp_path):
    with running_account(tmp_path) as account:
        kept = {}

        def made_anew(*more):
            kept.clear()
            said = account.run(*MODELS, *more)
            lines = [line for line in said.splitlines() if " OK created sql kept_table " in line]
            assert len(lines) > 9
            names = {line.split(".int_")[1].split()[0]: line for line in lines}
            up_to = {name: re.search(r"KEPT UP TO (\S+)", line) for name, line in names.items()}
            kept.update({name: found[1] for name, found in up_to.items() if found})
            return {name for name, line in names.items() if "KEPT in" not in line}

        def rows(table):
            return sorted(map(repr, account.query(f"select * from {table}")))

        def all_rows():
            return rows("int_features__vector"), rows("int_population__labels")

        keep_some_customers(account.root, "0")
        account.run("seed", "--vars", QUICK)
        assert "features__vector" in made_anew()
        first = all_rows()
        assert made_anew() == set()
        assert all_rows() == first

        def with_a_sale_on(day):
            with (account.root / "seeds" / "raw_sales.csv").open("a") as file:
                file.write(LATE.format(day))
            account.run("seed", "--select", "raw_sales", "--vars", QUICK)
            return made_anew()

        # too long ago to tell from what it changed, and a month before the newest snapshot
        by_snapshot = {"events__sales", "population__spine", "features__sales", "features__vector"}
        assert by_snapshot <= with_a_sale_on("2022-03-03")
        assert kept == {}
        [(newest,)] = account.query("select max(as_of_date) from int_population__spine")
        month = (newest - dt.timedelta(days=1)).replace(day=1)
        assert by_snapshot <= with_a_sale_on(str(month + dt.timedelta(days=2)))
        assert kept.items() >= dict.fromkeys(by_snapshot, str(month)).items()
        both_late = all_rows()
        assert both_late != first
        assert "features__touchpoint" in made_anew("--full-refresh")
        assert all_rows() == both_late
