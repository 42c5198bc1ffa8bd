from __future__ import annotations

from typing import Any, Self

from attrs import define

from ..types import UNSET, ApiObject, Unset


@define(repr=False)
class Error(ApiObject):
    """An error, for people and for programs.

    Attributes:
        message: What went wrong, in a sentence.
        type: Broad kind of error, for instance `invalid_request_error`.
        param: Field or parameter at fault, null when there is no single one.
        code: Exact kind of error, for instance `invalid_api_key` or `training_not_available`.
    """

    message: str
    type: str | None | Unset = UNSET
    param: str | None | Unset = UNSET
    code: str | None | Unset = UNSET

    @classmethod
    def _read(cls, src: dict[str, Any]) -> Self:
        return cls(src["message"], src["type"], src["param"], src["code"])
