"""Fields of a request that the contract does not have: `extra=` of the creation of a job."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..errors import InvalidRequestError
from ..schemas import field_names
from ..validation import DEEPEST, is_too_deep


def checked_extra(extra: Any) -> dict[str, Any]:
    """Return the fields of a request that are not in the contract. Raises `InvalidRequestError`."""
    if extra is None:
        return {}
    if not isinstance(extra, Mapping):
        rule = "a dict of fields that this server has in addition to the contract's"
        raise InvalidRequestError.of("extra", rule, extra)
    if is_too_deep(extra):
        raise InvalidRequestError.of("extra", f"nested at most {DEEPEST} levels deep", extra, "")
    known = field_names("CreateFineTuningJobRequest")
    for name, value in extra.items():
        if not isinstance(name, str) or not name:
            raise InvalidRequestError.of("extra", "a dict with non-empty strings as keys", name)
        if name in known:
            text = f"extra.{name}: is a field of the contract: pass it as the argument {name}= instead"
            raise InvalidRequestError(text, field=f"extra.{name}", value=value)
    return {name: _json_copy(f"extra.{name}", value) for name, value in extra.items()}


def _json_copy(field: str, value: Any) -> Any:
    """Return a copy of a JSON value. Raises `InvalidRequestError` for anything else, with its location."""
    if isinstance(value, Mapping):
        for name in value:
            if not isinstance(name, str):
                raise InvalidRequestError.of(field, "an object with strings as keys", name)
        return {name: _json_copy(f"{field}.{name}", item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json_copy(f"{field}[{index}]", item) for index, item in enumerate(value)]
    is_finite = not isinstance(value, float) or math.isfinite(value)
    if value is not None and not (isinstance(value, str | int | float) and is_finite):
        raise InvalidRequestError.of(field, "a JSON value", value)
    return value
