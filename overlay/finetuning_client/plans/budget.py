"""The limit on the cost of a job, checked before its files are uploaded."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path, PurePath
from typing import Any

from ..arguments import is_number
from ..errors import InvalidRequestError


def cost_check(body: Mapping[str, Any], max_cost: Any, prices: Any) -> Callable[[], None] | None:
    """Return the check that the job of a create request may cost no more than `max_cost`, or `None`.

    It reads the training file, and raises `InvalidRequestError` if the job may cost more; `max_cost` is in
    the currency of the `prices`. Raises `InvalidRequestError` for a limit that is not an amount, or that
    cannot be checked.
    """
    if max_cost is None:
        if prices is not None:
            raise InvalidRequestError.of("prices", "left out when max_cost is not given", prices, "")
        return None
    if not is_number(max_cost) or not 0 <= max_cost < math.inf:
        raise InvalidRequestError.of("max_cost", "a number, at least 0", max_cost)
    file = body.get("training_file")
    if not isinstance(file, PurePath):
        text = (
            f"max_cost: cannot be checked, since the token count of training_file={file!r} is not known here:"
            " pass training_file=Path(...), or leave out max_cost and call data.cost on your copy of the file"
        )
        limit = "left out, unless training_file is a Path"
        raise InvalidRequestError(text, field="max_cost", limit=limit, value=max_cost)
    return partial(_require_at_most, float(max_cost), Path(file), body, prices)


def _require_at_most(max_cost: float, file: Path, body: Mapping[str, Any], prices: Any) -> None:
    from ..data.job_cost import cost

    older = {"type": "supervised", "supervised": {"hyperparameters": body.get("hyperparameters") or {}}}
    found = cost(file, model=body["model"], method=body.get("method") or older, prices=prices)
    if found.high > max_cost:
        limit = f"at least {found.high:.2f} {found.currency} for this job"
        advice = "raise max_cost, or train on fewer examples or for fewer epochs; nothing was sent"
        text = f"max_cost: the job may cost more than {max_cost:g} {found.currency}: {found}: {advice}"
        raise InvalidRequestError(text, field="max_cost", limit=limit, value=max_cost)
