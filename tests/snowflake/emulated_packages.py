"""Which packages an emulated account has: what is installed here, by the names of its source.

EMULATED_PACKAGE_SOURCE says where the schema takes them from, PyPI where nothing is said.
"""

import importlib.metadata
import os

from attrition.snowflake.package_source import PYPI, XGBOOST
from packaging.requirements import Requirement


class RefusedError(Exception):
    """What Snowflake says of a procedure or a model before it runs."""


def package_source():
    return os.environ.get("EMULATED_PACKAGE_SOURCE", PYPI)


def resolve(texts, source=None):
    """Refuse packages that the source has not.

    Conda has no `xgboost-cpu`, and what PyPI calls `xgboost` is not installed here.
    """
    source = source or package_source()
    for text in texts:
        wanted = Requirement(text)
        distribution = XGBOOST[PYPI] if wanted.name == XGBOOST[source] else wanted.name
        if wanted.name != XGBOOST[source] and wanted.name in XGBOOST.values():
            distribution = "nowhere"
        try:
            is_there = importlib.metadata.version(distribution) in wanted.specifier
        except importlib.metadata.PackageNotFoundError:
            is_there = False
        if not is_there:
            raise RefusedError(
                "Cannot create a Python function with the specified packages. Please check your "
                f"packages specification and try again: {text} is not in {source}."
            )
