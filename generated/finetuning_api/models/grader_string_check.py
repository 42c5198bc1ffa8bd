from __future__ import annotations

from typing import Any, Literal

from attrs import define

from .. import models
from ..types import ApiObject, Members

_StringCheckOperation = Members("StringCheckOperation")


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class GraderStringCheck(ApiObject):
    """Compares two texts; the score is 1 when the comparison holds, and 0 otherwise.

    Attributes:
        name: Name of the grader.
        input: Text to grade; may have placeholders, as in `{{sample.output_text}}`.
        reference: Text to compare with; may have placeholders, as in `{{item.answer}}`.
        operation: Comparison that decides the score.
        type: Always `string_check`.
    """

    name: str
    input: str
    reference: str
    operation: models.StringCheckOperation
    type: Literal["string_check"] = "string_check"

    def _fill(self, src: dict[str, Any]) -> None:
        self.type = src["type"]
        self.name = src["name"]
        self.input = src["input"]
        self.reference = src["reference"]
        self.operation = _StringCheckOperation[v] if type(v := src["operation"]) is str else v
