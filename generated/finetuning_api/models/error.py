from __future__ import annotations

from typing import Any

from attrs import define

from ..types import UNSET, ApiObject, Unset


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class Error(ApiObject):
    """Details of an error, for people and for programs.

    Attributes:
        message: Error message, as a sentence.
        type: Broad kind of error, for instance `invalid_request_error`.
        param: Field or parameter at fault, null when there is no single one.
        code: Exact kind of error, for instance `invalid_api_key` or `training_not_available`.
    """

    message: str
    type: str | None | Unset = UNSET
    param: str | None | Unset = UNSET
    code: str | None | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.message = src["message"]
        self.type = src["type"]
        self.param = src["param"]
        self.code = src["code"]
