"""Schemathesis hook that puts identifiers of existing objects into some requests.

`FINETUNING_CONFORMANCE` has, as JSON, values for path parameters and for `training_file`. Only requests that
should be valid are changed, and only every second one of them.
"""

from __future__ import annotations

import json
import os
from itertools import count
from typing import Any

import schemathesis

_Case = schemathesis.Case[Any]

__all__ = ["use_existing_ids"]

_KNOWN: dict[str, Any] = json.loads(os.environ.get("FINETUNING_CONFORMANCE", "{}"))
_turn = count()


@schemathesis.hook("map_case")
def use_existing_ids(context: schemathesis.HookContext, case: _Case) -> _Case:
    """Replace generated identifiers with existing ones."""
    if case.meta is None or not case.meta.generation.mode.is_positive or next(_turn) % 2:
        return case
    # Links find their own identifiers; an object deleted here would be missing in later requests.
    if case.meta.phase.name.value != "stateful" and case.method != "DELETE":
        for name in case.path_parameters.keys() & _KNOWN.keys():
            case.path_parameters[name] = _KNOWN[name]
    if case.operation.label == "POST /fine_tuning/jobs" and isinstance(case.body, dict):
        case.body["model"] = _KNOWN["model"]
        case.body["training_file"] = _KNOWN["file_id"]
        case.body.pop("validation_file", None)
    return case
