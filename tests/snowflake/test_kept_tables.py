"""On Snowflake too, tables that are kept hold what a build of everything would put there."""

import pytest
from account import running_account
from dbt_project import QUICK

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("snowflake_kept_tables")]

MODELS = ("run", "--vars", QUICK, "--select", "+int_features__vector", "int_population__labels")
LATE = "late,C000470,2022-03-03,consumable,SET-12,1,10.00,false\n"


def keep_some_customers(seeds):
    """Leave every tenth customer in the raw records, which load slowly."""
    for path in seeds.glob("raw_*.csv"):
        head, *lines = path.read_text().splitlines(keepends=True)
        place = head.split(",").index("customer_id")
        path.write_text(head + "".join(one for one in lines if one.split(",")[place][-1] == "0"))


def test_a_late_record_and_nothing_else_makes_tables_anew(tmp_path):
    with running_account(tmp_path) as account:

        def made_anew(*more):
            said = account.run(*MODELS, *more)
            lines = [line for line in said.splitlines() if " OK created sql kept_table " in line]
            assert len(lines) > 10
            return {line.split(".int_")[1].split()[0] for line in lines if "KEPT" not in line}

        def rows(table):
            return sorted(map(repr, account.query(f"select * from {table}")))

        def all_rows():
            return rows("int_features__vector"), rows("int_population__labels")

        keep_some_customers(account.root / "seeds")
        account.run("seed", "--vars", QUICK)
        assert "features__vector" in made_anew()
        first = all_rows()
        assert made_anew() == set()
        assert all_rows() == first
        with (account.root / "seeds" / "raw_sales.csv").open("a") as file:
            file.write(LATE)
        account.run("seed", "--select", "raw_sales", "--vars", QUICK)
        assert {"features__sales", "features__vector", "population__grid"} <= made_anew()
        kept = all_rows()
        assert kept != first
        assert "features__touchpoint" in made_anew("--full-refresh")
        assert all_rows() == kept
