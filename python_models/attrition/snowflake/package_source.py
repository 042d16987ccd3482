"""Where Snowflake takes Python packages from: PyPI, or its own conda channel.

An account made since June 2026 takes them from PyPI, an older one from conda
(https://docs.snowflake.com/en/release-notes/bcr-bundles/un-bundled/bcr-2325), and what holds for
one does not for the other: names, versions, and whether a procedure may be anonymous. So it is
chosen, by the variable SNOWFLAKE_PACKAGE_SOURCE, and set for the schema by `snowflake up`.
"""

VARIABLE = "SNOWFLAKE_PACKAGE_SOURCE"
PYPI, CONDA = "pypi", "conda"
REPOSITORIES = {
    PYPI: "snowflake.snowpark.pypi_shared_repository",
    CONDA: "snowflake.snowpark.anaconda_shared_repository",
}
"""What each source is called in the account, as DEFAULT_PYTHON_ARTIFACT_REPOSITORY takes it."""

XGBOOST = {PYPI: "xgboost-cpu", CONDA: "xgboost"}
"""The same module: what PyPI calls `xgboost` brings 300 MB for GPUs along."""
