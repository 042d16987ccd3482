"""What makes a version's id: its data, its settings, and the code that ran."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import pkgutil
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

TRAINING_MODULES = (
    "relation",
    "training/blend",
    "training/calibration",
    "training/candidate",
    "training/fingerprints",
    "training/frame",
    "training/linear",
    "training/metrics",
    "training/noise",
    "training/preprocessing",
    "training/rows",
    "training/sampling",
    "training/search",
    "training/threshold",
    "warehouse/duckdb",
    "warehouse/snowflake",
)
FITTING_LIBRARIES = ("numpy", "optuna", "scikit-learn")


class Columns(Protocol):
    """Columns with names, as a table has them."""

    @property
    def column_names(self) -> list[str]:
        """The names."""

    def __getitem__(self, name: str) -> pa.ChunkedArray | pa.Array:
        """Return a column."""


def data_fingerprint(columns: Columns) -> str:
    """Return the sha256 of the names and values of an ordered table.

    It depends on values only: not on chunks, offsets, padding, or bits behind missing values; a
    missing number and NaN are the same.
    """
    digest = hashlib.sha256()
    for name in sorted(columns.column_names):
        column = columns[name]
        digest.update(f"{name}:{len(column)}:".encode())
        whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        for part in _canonical(whole):
            digest.update(part)
    return digest.hexdigest()


def code_fingerprint() -> str:
    """Return the sha256 of the sources that training runs through and of library versions."""
    import xgboost

    digest = hashlib.sha256()
    for name in TRAINING_MODULES:
        source = pkgutil.get_data("attrition", f"{name}.py")
        digest.update(name.encode() + b"\0" + source.replace(b"\r\n", b"\n"))
    versions = {name: importlib.metadata.version(name) for name in FITTING_LIBRARIES}
    versions["xgboost"] = xgboost.__version__
    digest.update(json.dumps(versions, sort_keys=True).encode())
    return digest.hexdigest()


def version_id(settings_fingerprint: str, data: str, code: str, preprocessing: str) -> str:
    """Return the content-addressed id of a version: `v` and 12 hex digits.

    The preprocessing is part of it for what the feature catalog says of a feature: its monotone
    direction is neither data nor a setting.
    """
    joined = "\n".join([settings_fingerprint, data, code, preprocessing]).encode()
    return "v" + hashlib.sha256(joined).hexdigest()[:12]


def _canonical(array: pa.Array) -> list[bytes | memoryview]:
    """Return byte strings that are the same for the same values, with a null mask first."""
    if pa.types.is_floating(array.type):
        values = pc.fill_null(array, float("nan")).to_numpy(zero_copy_only=False)
        canonical = np.where(np.isnan(values), values.dtype.type(np.nan), values + 0)
        return [canonical.astype(values.dtype.newbyteorder("<")).tobytes()]
    known = pc.is_valid(array).to_numpy(zero_copy_only=False)
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        texts = pc.fill_null(array.cast(pa.large_binary()), b"")
        lengths = pc.binary_length(texts).to_numpy(zero_copy_only=False).astype("<i4")
        return [known.tobytes(), lengths.tobytes(), _bytes_of(texts)]
    whole = array.cast(pa.int32()) if pa.types.is_date32(array.type) else array
    filled = pc.fill_null(whole.cast(pa.int64()), 0)
    return [known.tobytes(), filled.to_numpy(zero_copy_only=False).astype("<i8").tobytes()]


def _bytes_of(texts: pa.LargeBinaryArray) -> memoryview:
    """Return the bytes of all texts, one after the other, as they lie in memory."""
    _, offsets, data = texts.buffers()
    if not len(texts) or data is None:
        return memoryview(b"")
    ends = np.frombuffer(offsets, "<i8")[texts.offset : texts.offset + len(texts) + 1]
    return memoryview(data)[ends[0] : ends[-1]]
