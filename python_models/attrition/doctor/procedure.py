"""One procedure with exactly the packages and the library of the build: the real proof.

What no list tells comes out here: whether Snowflake can install the packages together, whether a
procedure may be made as dbt makes it, and whether the library can be imported there.
"""

import contextlib
from collections.abc import Iterator, Sequence

from attrition.doctor.finding import Finding
from attrition.errors import AttritionError
from attrition.snowflake.library import LIBRARY_STAGE
from attrition.snowflake.names import AccountNames
from attrition.snowflake.package_source import CONDA, PYPI, VARIABLE
from attrition.snowflake.privileges import Rows

_NAME = "attrition_doctor__dbt_sp"
_BODY = """
def main(session):
    import attrition.dbt_models, attrition.snowflake.jobs, attrition.snowflake.registry
    import numpy, optuna, pandas, pyarrow, sklearn, xgboost
    return xgboost.__version__
"""
_OTHER = {PYPI: CONDA, CONDA: PYPI}


def procedure_findings(
    rows: Rows, names: AccountNames, packages: Sequence[str], python: str, library: str
) -> Iterator[Finding]:
    """Run the procedure in the training warehouse, and yield what came of it.

    Args:
        rows: Runs a statement.
        names: What the account's objects are called.
        packages: What the Python models ask for.
        python: Version of Python that they run in.
        library: Name of the zip on the stage.
    """
    try:
        [row] = _run(rows, names, packages, python, library)
    except AttritionError as error:
        text = f"A procedure with the packages and the library of the build does not run: {error}"
        yield Finding("problem", "Procedure", text, _fix(str(error), names))
        return
    [version] = row.values()
    text = (
        f"A procedure with the packages and the library of the build has run in warehouse "
        f"{names.training_warehouse}, with XGBoost {version}."
    )
    yield Finding("ok", "Procedure", text)


def procedure_sql(
    names: AccountNames, packages: Sequence[str], python: str, library: str
) -> tuple[list[str], str | None]:
    """Return the statements that make and call it as dbt does, and the one that removes it."""
    place = f"{names.databases[0]}.{names.schema}"
    listed = ", ".join(f"'{one}'" for one in packages)
    rest = (
        f"returns string\nlanguage python\nruntime_version = '{python}'\npackages = ({listed})\n"
        f"imports = ('@{place}.{LIBRARY_STAGE}/{library}')\nhandler = 'main'\n"
        f"execute as caller\nas $${_BODY}$$"
    )
    if names.package_source == CONDA:
        return [f"with {_NAME} as procedure ()\n{rest}\ncall {_NAME}()"], None
    name = f"{place}.{_NAME}"
    made = f"create or replace procedure {name} ()\n{rest}"
    return [made, f"call {name}()"], f"drop procedure if exists {name}()"


def _run(
    rows: Rows, names: AccountNames, packages: Sequence[str], python: str, library: str
) -> list[dict[str, object]]:
    statements, removal = procedure_sql(names, packages, python, library)
    rows(f"use warehouse {names.training_warehouse}")
    try:
        return [rows(statement) for statement in statements][-1]
    finally:
        if removal:
            # what could not be made need not be removed
            with contextlib.suppress(AttritionError):
                rows(removal)


def _fix(said: str, names: AccountNames) -> str:
    """Return what to do about the words with which Snowflake refused the procedure."""
    words, source = said.lower(), names.package_source
    if "anonymous" in words:
        return (
            f"Schemas that take packages from an artifact repository want a procedure with a name: "
            f"export {VARIABLE}={PYPI}, then attrition snowflake up"
        )
    if "privilege" in words or "not authorized" in words:
        return "attrition snowflake up grants what is needed; the lines above name what is missing."
    if "package" in words or "requirement" in words:
        return (
            f"Name a version that is there in `+packages` of dbt_project.yml, or take packages "
            f"from {_OTHER[source]}: export {VARIABLE}={_OTHER[source]}, then attrition snowflake "
            "up. A packages policy of the account may hide a package too."
        )
    return "docs/snowflake.md lists what Snowflake says here, and what to do about it."
