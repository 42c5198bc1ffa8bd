from __future__ import annotations

from typing import Any

from attrs import define

from ..types import UNSET, ApiObject, Unset


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class FineTuningJobError(ApiObject):
    """Why a job failed.

    Attributes:
        code: Kind of failure, for instance `invalid_training_file` or `invalid_n_examples`.
        message: Error message, as a sentence; for bad data it includes the number of the example.
        param: Setting at fault, usually `training_file` or `validation_file`; null if there is none.
    """

    code: str | None | Unset = UNSET
    message: str | None | Unset = UNSET
    param: str | None | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.code = src["code"]
        self.message = src["message"]
        self.param = src["param"]
