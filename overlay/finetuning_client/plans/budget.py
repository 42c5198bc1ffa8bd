"""The limit on what a job may cost, checked before its files are uploaded."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any

from msgspec import Struct

from ..data.prices import PriceTable
from ..errors import InvalidRequestError


class Budget(Struct, frozen=True):
    """The most that a job may cost.

    Attributes:
        max_cost: in the currency of the prices.
        training_file: the file that the job is trained on.
        model: the model to be trained.
        method: the `method` object of the request.
        prices: the user's prices, or `None` for those of this package.
    """

    max_cost: float
    training_file: Path
    model: str
    method: Mapping[str, Any]
    prices: PriceTable | str | os.PathLike[str] | None

    @classmethod
    def of(cls, body: Mapping[str, Any], max_cost: Any, prices: Any) -> Budget | None:
        """Return the budget of a create request, or `None` if it has no limit.

        Raises `InvalidRequestError` for a limit that is not an amount, or that cannot be checked.
        """
        if max_cost is None:
            if prices is not None:
                raise InvalidRequestError.of("prices", "left out without max_cost", prices, "")
            return None
        is_number = isinstance(max_cost, int | float) and not isinstance(max_cost, bool)
        if not is_number or not 0 <= max_cost < math.inf:
            raise InvalidRequestError.of("max_cost", "an amount of money of at least 0", max_cost)
        file = body.get("training_file")
        if not isinstance(file, PurePath):
            text = (
                f"max_cost: cannot be checked, since the tokens of training_file={file!r} are not known here:"
                " pass training_file=Path(...), or leave max_cost out and use data.cost on your copy"
            )
            limit = "left out, unless training_file is a Path"
            raise InvalidRequestError(text, field="max_cost", limit=limit, value=max_cost)
        older = {"type": "supervised", "supervised": {"hyperparameters": body.get("hyperparameters") or {}}}
        return cls(float(max_cost), Path(file), body["model"], body.get("method") or older, prices)

    def require(self) -> None:
        """Raise `InvalidRequestError` if the job may cost more. Reads the file."""
        from ..data.job_cost import cost

        found = cost(self.training_file, model=self.model, method=self.method, prices=self.prices)
        if found.high > self.max_cost:
            limit = f"at least {found.high:.2f} {found.currency} for this job"
            advice = "raise max_cost, or train on fewer examples or for fewer epochs; nothing was sent"
            text = (
                f"max_cost: the job may cost more than {self.max_cost:g} {found.currency}: {found}: {advice}"
            )
            raise InvalidRequestError(text, field="max_cost", limit=limit, value=self.max_cost)
