"""The feature tables as views of Snowflake's Feature Store, for models that others build.

Nothing is copied and nothing is refreshed: each view reads the table that dbt builds. The store
lies in the schema of those tables.
"""

from __future__ import annotations

import hashlib
import json
import logging
import warnings
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from attrition.errors import AttritionError, first_line
from attrition.snowflake.connection import INSTALL, open_connection
from attrition.snowflake.names import names_of_output

if TYPE_CHECKING:
    from snowflake.ml.feature_store import FeatureStore
    from snowflake.snowpark import DataFrame, Session

logger = logging.getLogger(__name__)

ENTITY = "CUSTOMER"
KEY = "CUSTOMER_ID"
TIMESTAMP = "AS_OF_DATE"


def register(output: Mapping[str, Any], domains: Sequence[str]) -> list[str]:
    """Register the feature tables of domains, and say of each what was done.

    Args:
        output: A rendered output of the profile.
        domains: As in the setting `feature_domains`.

    Raises:
        AttritionError: A package is missing, the account cannot be reached, a table is missing, or
            Snowflake refused.
    """
    try:
        from snowflake.snowpark import Session
    except ImportError as error:
        raise AttritionError(f"snowflake-ml-python is not installed. {INSTALL}.") from error
    names = names_of_output(output)
    place = f"{names.databases[0]}.{names.schema}"
    with closing(open_connection(output)) as connection:
        session = Session.builder.configs({"connection": connection}).create()
        tables = {domain: feature_table(session, place, domain) for domain in domains}
        return register_feature_views(
            session,
            database=names.databases[0],
            schema=names.schema,
            warehouse=names.warehouse,
            domains=domains,
            descriptions=feature_descriptions(session, place),
            version=version_of({domain: table.columns for domain, table in tables.items()}),
        )


def register_feature_views(
    session: Session,
    *,
    database: str,
    schema: str,
    warehouse: str,
    domains: Sequence[str],
    descriptions: Mapping[str, str],
    version: str,
) -> list[str]:
    """Register one view for each domain; one of the same version is left alone.

    Args:
        session: The Snowpark session.
        database: Database of the feature tables and of the store.
        schema: Schema of the feature tables and of the store.
        warehouse: What runs the store's own queries.
        domains: As in the setting `feature_domains`.
        descriptions: Feature to what it says.
        version: Letters, digits and underscores; other columns need another version.

    Returns:
        A sentence for each view.

    Raises:
        AttritionError: A table is missing, or Snowflake refused.
    """
    from snowflake.ml.feature_store import CreationMode, FeatureStore
    from snowflake.snowpark.exceptions import SnowparkClientException

    try:
        store = FeatureStore(
            session,
            database,
            schema,
            warehouse,
            creation_mode=CreationMode.CREATE_IF_NOT_EXIST,
        )
        tables = {
            domain: feature_table(session, f"{database}.{schema}", domain) for domain in domains
        }
        return _registered(store, tables, descriptions, version)
    except (SnowparkClientException, RuntimeError, ValueError) as error:
        raise AttritionError(
            f"The Feature Store in {database}.{schema} could not be written: {first_line(error)} "
            "The role needs create view and create tag there; attrition snowflake up "
            "--feature-store grants both."
        ) from error


def version_of(columns: Mapping[str, Sequence[str]]) -> str:
    """Return a version for these columns of each domain: `V` and 8 hex digits.

    A view fixes its columns when it is made, so columns that a setting adds need a new one.
    """
    ordered = json.dumps(
        {domain: [name.upper() for name in names] for domain, names in columns.items()},
        sort_keys=True,
    )
    return "V" + hashlib.sha256(ordered.encode()).hexdigest()[:8].upper()


def feature_table(session: Session, place: str, domain: str) -> DataFrame:
    """Return the table of a domain; errors as of `_readable`."""
    return _readable(session, f"{place}.int_features__{domain}")


def _readable(session: Session, name: str) -> DataFrame:
    """Return a table that dbt builds.

    Raises:
        AttritionError: It is not there, or the role may not read it.
    """
    from snowflake.snowpark.exceptions import SnowparkSQLException

    try:
        table = session.table(name)
        table.columns  # noqa: B018  the table is looked for now, and not where the store needs it
    except SnowparkSQLException as error:
        raise AttritionError(
            f"The table {name} cannot be read: {first_line(error)} Build it first: dbt build "
            "--target prod, with the same feature_domains."
        ) from error
    return table


def feature_descriptions(session: Session, place: str) -> dict[str, str]:
    """Return what each feature says, by its name in the feature tables."""
    catalog = _readable(session, f"{place}.attrition_feature_catalog")
    rows = catalog.select("ORIGINAL_NAME", "DESCRIPTION").collect()
    return {row["ORIGINAL_NAME"]: row["DESCRIPTION"] for row in rows}


def _registered(
    store: FeatureStore,
    tables: Mapping[str, DataFrame],
    descriptions: Mapping[str, str],
    version: str,
) -> list[str]:
    from snowflake.ml.feature_store import Entity

    entity = Entity(ENTITY, [KEY], desc="A customer, by the key of the raw tables.")
    with warnings.catch_warnings():
        # that the entity is there already is the rule, not a warning
        warnings.simplefilter("ignore", UserWarning)
        store.register_entity(entity)
    there = {
        (row["NAME"].upper(), row["VERSION"].upper())
        for row in store.list_feature_views(entity_name=ENTITY).collect()
    }
    lines = []
    for domain, table in tables.items():
        name = f"ATTRITION_{domain}".upper()
        if (name, version.upper()) in there:
            lines.append(f"{name} version {version} was there already.")
            continue
        store.register_feature_view(
            _feature_view(name, domain, entity, table, descriptions), version
        )
        lines.append(f"{name} version {version} is registered.")
    return lines


def _feature_view(
    name: str, domain: str, entity: Any, table: DataFrame, descriptions: Mapping[str, str]
) -> Any:
    from snowflake.ml.feature_store import FeatureView

    view = FeatureView(
        name,
        [entity],
        # columns by name: the view stays right when the table gets more of them
        table.select(table.columns),
        timestamp_col=TIMESTAMP,
        # dbt builds the table; a view that Snowflake refreshed would be a second copy of it
        refresh_freq=None,
        desc=f"What is known of a customer from {domain} before a date, as dbt built it.",
    )
    named = {feature.upper(): text for feature, text in descriptions.items()}
    features = [column for column in table.columns if column.upper() not in (KEY, TIMESTAMP)]
    return view.attach_feature_desc(
        {feature: named[feature.upper()] for feature in features if feature.upper() in named}
    )
