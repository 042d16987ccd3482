"""Tables that are kept from build to build hold what a build of everything would put there."""

import json

import duckdb
import pytest
from compiled_project import row_differences, sample_month, sample_tables
from dbt_project import copied_project, new_project

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("kept_tables")]

BY_SNAPSHOT = {
    "int_events__sales",
    "int_population__spine",
    "int_population__labels",
    *(
        f"int_features__{name}"
        for name in (
            *("complaint", "demographics", "sales", "startright", "touchpoint", "vector"),
            "warranty",
        )
    ),
}
# What is built: up to rows of snapshots, or to all that is kept before anything is trained.
SNAPSHOTS = ("+int_features__vector", "+int_population__labels")
ALL = ("+int_profile__separation", "+int_forecast__months_left", "+int_forecast__intervals")


class Steps:
    """Raw records that change, a project that keeps tables, and one that makes all anew."""

    def __init__(self, folder):
        self.selected = ALL
        self.raw = folder / "raw"
        self.raw.mkdir()
        self.kept, self.fresh = copied_project(folder / "kept"), new_project(folder / "fresh")
        for name, rows in sample_tables(0.04).items():
            self.write(name, rows)

    def write(self, name, rows):
        with duckdb.connect() as connection:
            connection.register("rows_to_write", rows)
            connection.sql(f"copy rows_to_write to '{self.raw / name}.parquet'")

    def change(self, name, sql):
        """Replace a raw table by a query of it, which calls it `records`."""
        with duckdb.connect() as connection:
            connection.sql(f"create table records as from '{self.raw / name}.parquet'")
            self.write(name, connection.sql(sql).to_arrow_table())

    def run(self, project, *arguments, **settings):
        settings = {"raw_data": "source", "raw_location": str(self.raw), **settings}
        return project.dbt("run", "--vars", json.dumps(settings), *arguments)

    def built(self, **settings):
        """Build where tables are kept, and return what was made anew."""
        done = self.run(self.kept, "--select", *self.selected, **settings)
        assert done.returncode == 0, done.stdout[-4000:]
        said = {
            one.node.name: one.message
            for one in done.results
            if getattr(one.node.config, "materialized", "") == "kept_table"
        }
        assert set(said) >= BY_SNAPSHOT
        self.tables = sorted(said)
        self.kept_up_to = {
            name: message.removeprefix("KEPT UP TO ")
            for name, message in said.items()
            if message.startswith("KEPT UP TO ")
        }
        return {name for name, message in said.items() if message != "KEPT"}

    def compare(self, **settings):
        """Hold every kept table against one that is made from nothing."""
        done = self.run(self.fresh, "--full-refresh", "--select", *self.selected, **settings)
        assert done.returncode == 0, done.stdout[-4000:]
        for name in self.tables:
            kept, made = (self.rows(project, name) for project in (self.kept, self.fresh))
            assert kept.schema == made.schema, name
            assert row_differences(kept, made) == 0, name

    @staticmethod
    def rows(project, table):
        with duckdb.connect(str(project.build_path), read_only=True) as connection:
            return connection.sql(f"from {table}").to_arrow_table()


@pytest.fixture(scope="module")
def steps(tmp_path_factory):
    """Built, up to a month in whose midst the records end."""
    steps = Steps(tmp_path_factory.mktemp("kept_tables"))
    steps.change("sales", f"from records where sold_on < '{sample_month(-3)}-15'")
    steps.built()
    return steps


def test_what_no_snapshot_can_see_makes_nothing_anew(steps):
    month = sample_month(-3)
    steps.change("sales", f"""
        from records union all by name
        select * replace ('now ' || sale_id as sale_id, date '{month}-13' as sold_on)
        from records where sold_on < '{month}-01' qualify row_number() over (order by sale_id) < 9
        union all by name
        select * replace ('first' as sale_id, 'newcomer' as customer_id,
            date '{month}-12' as sold_on)
        from records qualify row_number() over (order by sale_id) = 1
    """)  # fmt: skip
    steps.change("touchpoint", f"""
        from records union all by name
        select * replace ('now ' || touchpoint_id as touchpoint_id,
            date '{month}-02' as occurred_on)
        from records qualify row_number() over (order by touchpoint_id) < 9
    """)  # fmt: skip
    steps.change("complaint", f"""
        select * replace (
            if(closed_on is null or closed_on >= '{month}-01', date '{month}-20', closed_on)
            as closed_on
        ) from records
    """)  # fmt: skip
    assert steps.built() == set()
    steps.compare()


FLIPPED = """
    select * replace (has_note is distinct from (touchpoint_id =
        (select min(touchpoint_id) from records)) as has_note)
    from records
"""
ERASED = "from records where customer_id <> (select max(customer_id) from records)"


@pytest.mark.parametrize(
    ("changes", "anew", "kept"),
    [
        (
            {
                "touchpoint": FLIPPED,
                "complaint": "select * replace (opened_on as closed_on) from records",
                "demographics": "select * replace (birth_date - 400 as birth_date) from records",
            },
            {
                "int_features__touchpoint",
                "int_features__complaint",
                "int_features__demographics",
                "int_features__vector",
                "int_profile__levels",
            },
            {"int_features__sales", "int_features__warranty", "int_population__labels"},
        ),
        # who is erased is in no table any more
        (
            {"sales": ERASED},
            {"int_population__customers", "int_events__sales", "int_forecast__spells"},
            set(),
        ),
    ],
    ids=["all but sales", "an erased customer"],
)
def test_a_changed_past_makes_anew_what_reads_it(steps, changes, anew, kept):
    for table, change in changes.items():
        steps.change(table, change)
    made = steps.built()
    assert anew <= made
    assert not kept & made
    steps.compare()


def test_a_new_month_makes_its_own_snapshot_and_a_late_record_those_that_see_it(steps, monkeypatch):
    """What is older stays as it is, row by row."""
    monkeypatch.setattr(steps, "selected", SNAPSHOTS)
    samples = sample_tables(0.04)

    def sold_before(day):
        for name in ("sales", "complaint"):
            steps.write(name, samples[name])
        steps.change("sales", f"from records where sold_on < '{day}'")

    sold_before(f"{sample_month(-4)}-15")
    steps.built()
    sold_before(f"{sample_month(-3)}-15")
    assert steps.built() >= BY_SNAPSHOT
    # the newest snapshot that both builds have
    assert steps.kept_up_to == dict.fromkeys(BY_SNAPSHOT, f"{sample_month(-4)}-01")
    steps.compare()

    before, month = sample_month(-7), sample_month(-6)
    # a sale, and closings of complaints a month before, that come late; sales that are gone
    changes = {
        f"""
        from records union all by name
        select * replace ('late' as sale_id, date '{month}-07' as sold_on) from records
        where customer_id in (select min(customer_id) from records)
        qualify row_number() over (order by sale_id) = 1
        """: f"""
        select * replace (
            if(
                opened_on < '{before}-01' and coalesce(closed_on >= '{before}-01', true),
                date '{before}-03', closed_on
            ) as closed_on
        ) from records
        """,
        f"""
        from records where sold_on < '{month}-01' or customer_id not in (
            select customer_id from records where sold_on between '{month}-01' and '{month}-09'
        )
        """: "from records",
    }
    for of_sales, of_complaints in changes.items():
        steps.change("sales", of_sales)
        steps.change("complaint", of_complaints)
        assert steps.built() >= BY_SNAPSHOT
        up_to = dict.fromkeys(BY_SNAPSHOT, f"{month}-01")
        if of_complaints != "from records":
            up_to["int_features__complaint"] = up_to["int_features__vector"] = f"{before}-01"
        assert steps.kept_up_to == up_to
        steps.compare()


def test_a_new_month_and_other_settings_make_all_anew_that_they_touch(steps):
    steps.built()
    for settings, anew in (
        ({"max_month": sample_month(-6)}, {"int_population__spine", "int_features__vector"}),
        # a view between them says what the feature is called
        ({"rename_cols": {"order_count": "orders"}}, {"int_profile__levels"}),
    ):
        assert anew <= steps.built(**settings)
        steps.compare(**settings)
    assert steps.built(**settings) == set()


def test_what_a_run_left_that_died_is_made_anew(steps):
    """A table that could not be made anew, and one that somebody else wrote, pass for nothing."""
    steps.built()
    path = steps.kept.root / "models/intermediate/features/int_features__complaint.sql"
    sql = path.read_text()
    path.write_text(sql.replace("select * from final", "select *, error('no') as no from final"))
    assert steps.run(steps.kept, "--select", "int_features__complaint").returncode != 0
    path.write_text(sql)
    with duckdb.connect(str(steps.kept.build_path)) as connection:
        connection.sql("create table fewer as from int_features__warranty limit 1")
        connection.sql("create or replace table int_features__warranty as from fewer")
    assert {"int_features__complaint", "int_features__warranty"} <= steps.built()
    steps.compare()
