"""What each feature adds to the log-odds of customers who are scored on demand, by the library.

The build keeps contributions of a sample; here are those of anybody, as they are or changed.
"""

from collections import OrderedDict
from typing import TYPE_CHECKING

import duckdb
import numpy as np
from attrition.errors import AttritionError
from attrition.report.source import Row

if TYPE_CHECKING:
    from attrition.scoring.artefact import ModelVersion

ARTEFACT = """
select artefacts.*
from attrition_model_artefacts as artefacts
inner join attrition_champion as champion
    on artefacts.version_id = champion.version_id
"""
_MOST_KEPT = 2
_kept: "OrderedDict[str, ModelVersion]" = OrderedDict()


def explained(
    connection: duckdb.DuckDBPyConnection, table: str, order_by: str
) -> list[list[Row]] | None:
    """Return what moves each row of a table, the strongest feature first.

    Args:
        connection: Where the champion is, and the table.
        table: Rows with every feature of the champion.
        order_by: Column that orders them.

    Returns:
        For each row `feature`, `feature_value` and `contribution` in log-odds; None where the
        champion is not there as the library wrote it, or cannot be read here.
    """
    try:
        version = _champion(connection)
        if version is None:
            return None
        # where only rows of the champion are, XGBoost need not be
        from attrition.scoring.artefact import value_texts
        from attrition.warehouse.duckdb import DuckDBRelation

        columns = {order_by: "integer", **version.preprocessing.types()}
        relation = DuckDBRelation(connection.table(table))
        rows = relation.select(columns, order_by=(order_by,))
        matrix = version.matrix(rows)
        found = version.reasons_of(matrix, {}, 1, "serving").contributions
    except (AttritionError, duckdb.CatalogException):
        return None
    features = version.preprocessing.features
    texts = [value_texts(one, rows[one.name]).to_pylist() for one in features]
    return [
        [
            {
                "feature": features[place].name,
                "feature_value": texts[place][number],
                "contribution": float(contributions[place]),
            }
            for place in np.argsort(-np.abs(contributions), kind="stable")
        ]
        for number, contributions in enumerate(found)
    ]


def _champion(connection: duckdb.DuckDBPyConnection) -> "ModelVersion | None":
    """Return the champion; a version never changes, so that it is read once."""
    cursor = connection.execute(ARTEFACT)
    names = [column[0] for column in cursor.description or []]
    rows = cursor.fetchall()
    if not rows:
        return None
    found = dict(zip(names, rows[0], strict=True))
    version_id = found["version_id"]
    if version_id not in _kept:
        from attrition.scoring.artefact import ModelVersion

        _kept[version_id] = ModelVersion.from_row(found)
        if len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    return _kept[version_id]
