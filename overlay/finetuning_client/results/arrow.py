"""Metrics as a stream of the Arrow C interface, through nanoarrow (extra `data`)."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import Any

import nanoarrow as na  # type: ignore[import-untyped]


def arrow_stream(metrics: Mapping[str, Sequence[Any]], requested_schema: object = None) -> object:
    """Return a capsule of the stream: `step` as int64, texts as strings, all other columns as float64."""
    length = len(metrics["step"])
    columns = {name: _column(name, values) for name, values in metrics.items()}
    schema = na.struct({name: kind for name, (kind, _) in columns.items()})
    arrays = [values for _, values in columns.values()]
    table = na.c_array_from_buffers(schema, length, [None], children=arrays)
    capsule: object = na.c_array_stream(table).__arrow_c_stream__(requested_schema)
    return capsule


def _column(name: str, values: Sequence[Any]) -> tuple[Any, Any]:
    """Return the type and the array of a column."""
    if name == "step":
        return na.int64(), na.c_array_from_buffers(na.int64(), len(values), [None, array("q", values)])
    if any(isinstance(value, str) for value in values):
        # Arrow texts are UTF-8, which cannot represent half of a surrogate pair.
        texts = [None if v is None else str(v).encode("utf-8", "replace").decode() for v in values]
        return na.string(), na.c_array(texts, na.string())
    numbers = array("d", [0.0 if value is None else value for value in values])
    return na.float64(), na.c_array_from_buffers(na.float64(), len(values), [_validity(values), numbers])


def _validity(values: Sequence[object]) -> bytes | None:
    """Return the bitmap of the values that are present, lowest bit first; `None` if all are."""
    if None not in values:
        return None
    bits = "".join("0" if value is None else "1" for value in reversed(values))
    return int(bits, 2).to_bytes((len(values) + 7) // 8, "little")
