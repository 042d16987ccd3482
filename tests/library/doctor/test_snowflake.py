"""The doctor on Snowflake: what `up` made is in order, and each thing taken away is named."""

import shutil
from pathlib import Path

import pytest
import yaml
from attrition.cli import app
from attrition.doctor import snowflake as doctor
from attrition.doctor.finding import Finding
from attrition.errors import AttritionError
from attrition.project.profile import Connection
from attrition.settings.loading import check_settings
from attrition.snowflake import account
from attrition.snowflake.connection import rows_of
from attrition.snowflake.names import names_from_environment
from attrition.warehouse.abilities import ABILITIES
from fake_account import NOT_ALLOWED, FakeAccount, refused
from snowflake_expected import GRANTS
from typer.testing import CliRunner

PROJECT = Path(__file__).resolve().parents[3]
ZIP = "attrition_0123456789ab.zip"
POOL = {"engine": "snowflake_ml_job", "compute_pool": "pool"}
DOMAINS = ["sales", "complaint"]
PACKAGES = (
    "{{ ['xgboost==3.2.0', 'numpy>=2,<3'] "
    "if env_var('SNOWFLAKE_PACKAGE_SOURCE', 'pypi') == 'conda' "
    "else ['xgboost-cpu==3.2.0', 'numpy==2.2.1'] }}"
)
SUBJECTS = [
    "Privileges", "Formats", "Library", "Raw tables", "Packages", "Compute pool", "Procedure",
]  # fmt: skip
OUTPUT = {
    "type": "snowflake", "account": "org-account", "user": "builder", "role": "attrition",
    "warehouse": "attrition", "database": "shop", "schema": "attrition",
}  # fmt: skip


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in os.environ:
        if "SNOWFLAKE" in name or name == "DBT_PROFILES_DIR":
            monkeypatch.delenv(name)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    config = {"+packages": PACKAGES, "+python_version": "3.11",
              "+imports": [f"@attrition_library/{ZIP}"]}  # fmt: skip
    content = {"name": "attrition", "profile": "attrition",
               "models": {"attrition": {"training": config, "scoring": config}}}  # fmt: skip
    (tmp_path / "dbt_project.yml").write_text(yaml.safe_dump(content))
    return tmp_path


@pytest.fixture
def fake() -> FakeAccount:
    return set_up()


@pytest.fixture
def conda(monkeypatch: pytest.MonkeyPatch) -> FakeAccount:
    monkeypatch.setenv("SNOWFLAKE_PACKAGE_SOURCE", "conda")
    return set_up("conda")


def set_up(source: str = "pypi", **account_options) -> FakeAccount:
    """Return an account after `up`, with raw tables, the library and the packages."""
    made = FakeAccount(**account_options)
    made.add("user", "builder")
    names = names_from_environment(
        {
            "SNOWFLAKE_DATABASE": "shop",
            "SNOWFLAKE_USER": "builder",
            "SNOWFLAKE_COMPUTE_POOL": "pool",
            "SNOWFLAKE_PACKAGE_SOURCE": source,
        }
    )
    made.add("database", "shop")
    made.add("schema", "shop.raw")
    for name in DOMAINS:
        made.add("table", f"shop.raw.{name}")
    administrator = rows_of(made.connect("accountadmin"))
    list(account.up(administrator, account.up_sql(names)))
    list(account.up_where_allowed(administrator, account.enterprise_sql(names, True)))
    made.on_pypi = [("xgboost-cpu", "3.2.0"), ("numpy", "2.2.1")]
    made.files["SHOP.ATTRITION.ATTRITION_LIBRARY"] = ["attrition_ffffffffffff.zip", ZIP]
    made.packages = [
        (name, version, python)
        for name, versions in {
            "xgboost": ["1.7.3", "2.1.4", "3.2.0", "3.3.0"],
            "numpy": ["1.26.4", "2.2.1"],
        }.items()
        for version in versions
        for python in ("3.11", "3.12")
    ]
    return made


def look(fake: FakeAccount, project: Path, *, is_quick: bool = False, **settings):
    values = {"raw_data": "source", "feature_domains": DOMAINS, **POOL, **settings}
    found = doctor.snowflake_findings(
        Connection("attrition", "prod", OUTPUT),
        project,
        check_settings(values, abilities=ABILITIES["snowflake"]),
        lambda output: fake.connect(output["role"]),
        is_quick=is_quick,
    )
    return found


def problems(found):
    return [one for one in found if one.status != "ok"]


def test_an_account_that_up_made_is_in_order(fake, project):
    found = look(fake, project)
    assert problems(found) == []
    subjects = ["Connection", *SUBJECTS]
    subjects.insert(subjects.index("Packages"), "Packages")
    assert [one.subject for one in found] == subjects


@pytest.mark.parametrize("is_quick", [False, True])
def test_it_changes_nothing_but_for_a_procedure_that_it_drops(fake, project, is_quick):
    fake.statements.clear()
    before = dict(fake.objects)
    look(fake, project, is_quick=is_quick)
    tried = set() if is_quick else {"use", "create", "call", "drop"}
    assert {text.split()[0] for text in fake.statements} == {"show", "list", "select"} | tried
    assert fake.objects == before


# what the doctor finds by the tables that it sees, and usage on the stage by its listing too
BY_GRANT = sorted(one for one in GRANTS if not one[1].endswith("in schema") and "RAW" not in one[2])


@pytest.mark.parametrize("lost", BY_GRANT, ids=" ".join)
def test_a_grant_that_is_missing_is_named_and_no_other(fake, project, lost):
    fake.grants.remove((*lost, "ATTRITION"))
    named = [one for one in problems(look(fake, project)) if one.subject == "Privileges"]
    assert len(named) == 1
    privilege, kind, name = lost
    place = f"{kind} {name.lower()}".strip()
    what = place if kind == "database role" else f"{privilege} on {place}"
    assert named[0].fix.startswith(f"grant {what} to role attrition;")
    assert f"has no {privilege.upper()} on {place}." in named[0].text


@pytest.mark.parametrize("lost", BY_GRANT, ids=" ".join)
def test_the_fix_that_it_names_is_enough(fake, project, lost):
    fake.grants.remove((*lost, "ATTRITION"))
    [named] = [one for one in problems(look(fake, project)) if one.subject == "Privileges"]
    rows_of(fake.connect("accountadmin"))(named.fix.partition(";")[0])
    assert problems(look(fake, project)) == []


def test_what_a_build_can_do_without_is_only_a_warning(fake, project):
    fake.grants = [one for one in fake.grants if one[0] != "create task"]
    assert {one.status for one in problems(look(fake, project))} == {"warning"}


def test_an_account_of_standard_edition_is_in_order_without_tags(project):
    found = look(set_up(edition="standard"), project)
    assert problems(found) == []
    [said] = [one.text for one in found if one.subject == "Feature Store"]
    assert "a build does not need it" in said
    assert "Standard Edition may have no tags" in said


def of(found, subject):
    [finding] = [one for one in problems(found) if one.subject == subject]
    return finding


def test_the_procedure_has_the_packages_and_the_import_of_the_build(fake, project):
    [ran] = [one for one in look(fake, project) if one.subject == "Procedure"]
    assert "has run in warehouse attrition_training, with XGBoost 3.2.0" in ran.text
    [made] = [text for text in fake.statements if text.startswith("create or replace procedure")]
    assert "packages = ('xgboost-cpu==3.2.0', 'numpy==2.2.1')" in made
    assert f"imports = ('@shop.attrition.attrition_library/{ZIP}')" in made
    assert "execute as caller" in made


def test_on_conda_the_procedure_has_no_name_and_ranges_of_packages(conda, project):
    assert problems(look(conda, project)) == []
    [sent] = [text for text in conda.statements if " as procedure ()" in text]
    assert "packages = ('xgboost==3.2.0', 'numpy>=2,<3')" in sent
    assert not [text for text in conda.statements if text.startswith("create or replace")]


@pytest.mark.parametrize(
    ("planted", "said", "fix"),
    [
        (lambda fake: fake.on_pypi.remove(("xgboost-cpu", "3.2.0")),
         "'xgboost-cpu==3.2.0' is not available", "export SNOWFLAKE_PACKAGE_SOURCE=conda"),
        (lambda fake: setattr(fake, "refuses", "call "), "Insufficient privileges", "snowflake up"),
    ],
    ids=["package", "refused"],
)  # fmt: skip
def test_a_procedure_that_does_not_run_is_a_problem_with_its_fix(fake, project, planted, said, fix):
    planted(fake)
    finding = of(look(fake, project), "Procedure")
    assert said in finding.text
    assert fix in finding.fix
    # and it leaves none behind
    assert not fake.names("procedure")


def test_a_wrong_name_of_a_package_is_found_on_pypi(fake, project):
    path = project / "dbt_project.yml"
    path.write_text(path.read_text().replace("xgboost-cpu", "xgboost-gpu-less"))
    finding = of(look(fake, project), "Procedure")
    assert "'xgboost-gpu-less==3.2.0' is not available" in finding.text


def test_an_anonymous_procedure_with_packages_of_pypi_is_refused(fake, project, monkeypatch):
    """As it would be with `use_anonymous_sproc` on, or the account's default asked wrongly."""
    monkeypatch.setenv("SNOWFLAKE_PACKAGE_SOURCE", "conda")
    monkeypatch.setattr(
        "attrition.doctor.packages.source_finding", lambda *_: Finding("ok", "", "")
    )
    finding = of(look(fake, project), "Procedure")
    assert "Artifact repository is not supported in anonymous procedures" in finding.text
    assert "export SNOWFLAKE_PACKAGE_SOURCE=pypi" in finding.fix


@pytest.mark.parametrize(("there", "wanted"), [("pypi", "conda"), ("conda", "pypi")])
def test_packages_from_elsewhere_than_the_project_expects_are_a_problem(
    project, monkeypatch, there, wanted
):
    fake = set_up(there)
    monkeypatch.setenv("SNOWFLAKE_PACKAGE_SOURCE", wanted)
    if wanted == "pypi":
        fake.grants.append(("create procedure", "schema", "SHOP.ATTRITION", "ATTRITION"))
    found = look(fake, project)
    finding = of(found, "Packages")
    assert finding.text.startswith("Schema shop.attrition takes Python packages from snowflake.")
    assert f"and SNOWFLAKE_PACKAGE_SOURCE is {wanted}" in finding.text
    assert finding.fix.endswith(f"export SNOWFLAKE_PACKAGE_SOURCE={there}")
    assert found[-1].text == "Not tried: the problems above come first."
    rows_of(fake.connect("accountadmin"))(finding.fix.partition(";")[0])
    assert problems(look(fake, project)) == []


def test_an_account_from_before_takes_packages_from_conda(conda, project):
    conda.repository = None
    conda.objects["schema", "SHOP.ATTRITION"]["sql"] = ""
    assert problems(look(conda, project)) == []


def test_a_repository_of_the_accounts_own_is_a_copy_of_pypi(fake, project):
    fake.objects["schema", "SHOP.ATTRITION"]["sql"] = (
        "default_python_artifact_repository = ours.python.copy"
    )
    [found, *_] = [one for one in look(fake, project, is_quick=True) if one.subject == "Packages"]
    assert found.text == "Schema shop.attrition takes Python packages from ours.python.copy."


@pytest.mark.parametrize("pool", [None, "pool"])
def test_without_training_jobs_nothing_about_them_is_missing(fake, project, pool):
    fake.grants = [one for one in fake.grants if one[0] != "create service"]
    fake.objects.pop(("compute pool", "POOL"))
    assert problems(look(fake, project, engine="local", compute_pool=pool)) == []


def test_what_an_inherited_role_may_counts(fake, project):
    fake.add("role", "inner")
    fake.add("role", "innermost")
    fake.members += [("role", "INNER", "ATTRITION"), ("role", "INNERMOST", "INNER")]
    fake.grants = [(*one[:3], "INNERMOST") for one in fake.grants]
    assert problems(look(fake, project)) == []


def test_what_everybody_may_counts(fake, project):
    fake.grants.remove(("usage", "warehouse", "ATTRITION", "ATTRITION"))
    fake.grants.append(("usage", "warehouse", "ATTRITION", "PUBLIC"))
    assert problems(look(fake, project)) == []


def test_what_another_role_may_does_not_count(fake, project):
    fake.add("role", "other")
    fake.grants.remove(("create view", "schema", "SHOP.ATTRITION", "ATTRITION"))
    fake.grants.append(("create view", "schema", "SHOP.ATTRITION", "OTHER"))
    assert len(problems(look(fake, project))) == 1


def test_who_owns_the_schema_needs_no_grant_on_it(fake, project):
    fake.grants = [one for one in fake.grants if one[1] != "schema" or "RAW" in one[2]]
    fake.grants.append(("ownership", "schema", "SHOP.ATTRITION", "ATTRITION"))
    assert problems(look(fake, project)) == []


def test_owning_the_database_is_not_owning_its_schema(fake, project):
    fake.grants.remove(("create table", "schema", "SHOP.ATTRITION", "ATTRITION"))
    fake.grants.append(("ownership", "database", "SHOP", "ATTRITION"))
    assert len(problems(look(fake, project))) == 1


def test_a_schema_that_the_first_build_makes_needs_no_grant_yet(fake, project):
    rows_of(fake.connect("accountadmin"))("drop schema if exists shop.attrition")
    fake.grants.append(("create schema", "database", "SHOP", "ATTRITION"))
    found = look(fake, project)
    assert "the first build makes and owns it" in found[1].text
    assert [one.subject for one in problems(found)] == ["Library"]


def test_without_a_variable_nothing_is_looked_at(project):
    example = yaml.safe_load((PROJECT / "profiles.yml.example").read_text(encoding="utf-8"))
    output = example["attrition"]["outputs"]["prod"]
    found = doctor.snowflake_findings(
        Connection("attrition", "prod", output), project, None, lambda _: pytest.fail("opened")
    )
    assert [one.text.split()[0] for one in problems(found)] == [
        "SNOWFLAKE_ACCOUNT", "SNOWFLAKE_USER", "DBT_ENV_SECRET_SNOWFLAKE_PRIVATE_KEY",
    ]  # fmt: skip
    assert problems(found)[0].fix == "export SNOWFLAKE_ACCOUNT=..."
    rest = [one for one in found if one.status == "ok"]
    assert [one.subject for one in rest] == SUBJECTS
    assert {one.text for one in rest} == {"Not looked at: there is no connection."}


def test_a_refused_login_is_one_problem(project):
    def refuse(_output):
        raise AttritionError("Snowflake account org-account could not be opened as builder: no.")

    found = doctor.snowflake_findings(Connection("a", "prod", OUTPUT), project, None, refuse)
    assert len(problems(found)) == 1
    assert "could not be opened" in problems(found)[0].text


def test_a_role_that_cannot_be_looked_at_is_one_problem(fake, project):
    fake.objects.pop(("role", "ATTRITION"))
    [problem] = problems(look(fake, project))
    assert problem.subject == "Connection"
    assert problem.fix == "grant role attrition to user builder;"


def test_the_connection_is_closed(fake, project):
    opened = fake.connect("attrition")
    doctor.snowflake_findings(Connection("a", "prod", OUTPUT), project, None, lambda _: opened)
    assert not opened.is_open


def test_a_library_that_was_not_uploaded_is_named(fake, project):
    fake.files["SHOP.ATTRITION.ATTRITION_LIBRARY"].remove(ZIP)
    [problem] = problems(look(fake, project))
    assert problem.text == (
        f"{ZIP}, which dbt_project.yml imports, is not on stage shop.attrition.attrition_library."
    )
    assert problem.fix == "attrition snowflake upload --target prod"


def test_a_stage_that_is_not_there_is_a_problem(fake, project):
    fake.objects.pop(("stage", "SHOP.ATTRITION.ATTRITION_LIBRARY"))
    [problem] = problems(look(fake, project))
    assert problem.text.startswith("Stage shop.attrition.attrition_library is not there")


def test_a_raw_table_that_is_not_there_is_named(fake, project):
    fake.objects.pop(("table", "SHOP.RAW.COMPLAINT"))
    [problem] = problems(look(fake, project))
    assert problem.text.startswith("shop.raw.complaint is not there")
    assert "grant select on table shop.raw.complaint to role attrition;" in problem.fix
    assert "SNOWFLAKE_RAW_SCHEMA" in problem.fix


def test_raw_tables_that_may_not_be_read_are_named_with_what_is_missing(fake, project):
    fake.grants.remove(("usage", "schema", "SHOP.RAW", "ATTRITION"))
    found = problems(look(fake, project))
    assert [one.text.split()[0] for one in found] == ["shop.raw.sales", "shop.raw.complaint"]
    assert all("grant usage on schema shop.raw to role attrition;" in one.fix for one in found)
    assert not any("usage on database" in one.fix for one in found)


def test_raw_tables_may_lie_in_another_database(fake, project, monkeypatch):
    monkeypatch.setenv("SNOWFLAKE_RAW_DATABASE", "lake")
    monkeypatch.setenv("SNOWFLAKE_RAW_SCHEMA", "crm")
    found = problems(look(fake, project))
    assert [one.text.split()[0] for one in found] == ["lake.crm.sales", "lake.crm.complaint"]
    fake.add("database", "lake")
    fake.add("schema", "lake.crm")
    for kind, name in (("database", "LAKE"), ("schema", "LAKE.CRM")):
        fake.grants.append(("usage", kind, name, "ATTRITION"))
    for name in DOMAINS:
        fake.add("table", f"lake.crm.{name}")
        fake.grants.append(("select", "table", f"LAKE.CRM.{name.upper()}", "ATTRITION"))
    assert problems(look(fake, project)) == []


def test_the_sample_needs_no_raw_tables(fake, project):
    fake.objects = {key: value for key, value in fake.objects.items() if key[0] != "table"}
    assert problems(look(fake, project, raw_data="sample")) == []


def test_a_version_that_the_channel_has_not_is_named_with_the_nearest(conda, project):
    conda.packages = [one for one in conda.packages if one[:2] != ("xgboost", "3.2.0")]
    [problem] = problems(look(conda, project))
    assert problem.text == (
        "Snowflake has no xgboost==3.2.0 for Python 3.11; nearest are 1.7.3, 2.1.4, 3.3.0."
    )
    assert "such as xgboost==3.3.0." in problem.fix


def test_a_version_for_another_python_does_not_count(conda, project):
    conda.packages.remove(("numpy", "2.2.1", "3.11"))
    [problem] = problems(look(conda, project))
    assert problem.text == "Snowflake has no numpy<3,>=2 for Python 3.11; nearest are 1.26.4."


def test_a_package_that_the_channel_has_not_is_named(conda, project):
    conda.packages = [one for one in conda.packages if one[0] != "numpy"]
    [problem] = problems(look(conda, project))
    assert problem.text.startswith("Snowflake has no package numpy for Python 3.11")


@pytest.mark.parametrize(
    ("name", "value", "expected", "usual"),
    [
        ("DATE_INPUT_FORMAT", "DD.MM.YYYY", "AUTO", "AUTO"),
        ("TIMESTAMP_INPUT_FORMAT", "YYYY-MM-DD", "AUTO", "AUTO"),
        ("DATE_OUTPUT_FORMAT", "DD-MON-YYYY", "one that begins with YYYY-MM-DD", "YYYY-MM-DD"),
        ("TIMESTAMP_LTZ_OUTPUT_FORMAT", "MM/DD/YYYY", "one that begins with YYYY-MM-DD", ""),
    ],
)
def test_a_format_that_is_not_iso_is_named(fake, project, name, value, expected, usual):
    fake.formats[name] = value
    [problem] = problems(look(fake, project))
    assert problem.subject == "Formats"
    assert problem.text == f"{name} is '{value}', and must be {expected} for whoever builds."
    assert problem.fix == f"alter user builder set {name.lower()} = '{usual}';"


def test_formats_that_change_no_date_are_in_order(fake, project):
    fake.formats |= {"TIME_OUTPUT_FORMAT": "HH24", "TIMESTAMP_OUTPUT_FORMAT": "YYYY-MM-DD HH24"}
    assert problems(look(fake, project)) == []


def test_a_pool_that_is_not_there_is_named(fake, project):
    fake.objects.pop(("compute pool", "POOL"))
    [problem] = [one for one in problems(look(fake, project)) if one.subject == "Compute pool"]
    assert problem.text.startswith("Compute pool pool is not there")


def test_a_pool_with_fewer_nodes_than_a_job_wants_is_named_until_it_may_grow(fake, project):
    assert problems(look(fake, project, num_workers=1)) == []
    [problem] = problems(look(fake, project, num_workers=3))
    assert problem.subject == "Compute pool"
    assert "max_nodes 1, and num_workers is 3" in problem.text
    rows_of(fake.connect("accountadmin"))(problem.fix.rstrip(";"))
    assert problems(look(fake, project, num_workers=3)) == []


def test_what_snowflake_refuses_is_a_problem_of_that_check_alone(conda, project, monkeypatch):
    def refuse(*_args, **_named):
        raise refused("Insufficient privileges to operate on packages.", NOT_ALLOWED)

    monkeypatch.setattr("fake_account.FakeCursor.execute", _but(refuse, ".packages"))
    found = look(conda, project)
    [problem] = problems(found)
    assert problem.subject == "Packages"
    assert "Insufficient privileges" in problem.text
    assert [one.subject for one in found[-2:]] == ["Compute pool", "Procedure"]


def _but(refuse, word):
    from fake_account import FakeCursor

    known = FakeCursor.execute
    return lambda self, sql: refuse() if word in sql else known(self, sql)


def test_the_command_looks_at_snowflake(fake, tmp_path, monkeypatch):
    folder = tmp_path / "project"
    (folder / "seeds").mkdir(parents=True)
    for name in ("dbt_project.yml", "profiles.yml.example"):
        shutil.copy(PROJECT / name, folder)
    shutil.copy(PROJECT / "seeds" / "attrition_feature_definitions.csv", folder / "seeds")
    shutil.copy(PROJECT / "seeds" / "raw_sales.csv", folder / "seeds")
    result = CliRunner().invoke(app, ["doctor", "-t", "prod", "--project-dir", str(folder)])
    assert result.exit_code == 1
    assert "problem  Connection: SNOWFLAKE_ACCOUNT is not set" in result.output
    assert "Library: Not looked at: there is no connection." in result.output
