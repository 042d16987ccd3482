import pyarrow as pa
import pytest
from attrition import schemas


@pytest.mark.parametrize(
    "schema", [schemas.CANDIDATE, schemas.TEST_PREDICTIONS, schemas.PREDICTIONS]
)
def test_an_empty_result_has_the_declared_types(schema):
    assert schemas.table_of_rows([], schema).schema.equals(schema)
    assert schemas.concatenate([], schema).schema.equals(schema)


def test_predictions_have_three_columns_for_each_of_five_reasons():
    reasons = [name for name in schemas.PREDICTIONS.names if name.startswith("reason_")]
    assert len(reasons) == 15
    assert reasons[-3:] == ["reason_5_feature", "reason_5_value", "reason_5_contribution"]


def test_concatenated_tables_take_the_order_and_types_of_the_schema():
    schema = pa.schema([("a", pa.float64()), ("b", pa.string())])
    other = pa.table({"b": ["x"], "a": pa.array([1], pa.int32())})
    result = schemas.concatenate([other, other], schema)
    assert result.schema.equals(schema)
    assert result.to_pylist() == [{"a": 1.0, "b": "x"}] * 2


def test_a_missing_column_is_an_error():
    with pytest.raises(KeyError, match="b"):
        schemas.table_of_columns({"a": [1.0]}, pa.schema([("a", pa.float64()), ("b", pa.string())]))
