from __future__ import annotations

from typing import Any, Literal

from attrs import define

from ..types import UNSET, ApiObject, Unset


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class GraderPython(ApiObject):
    """Scores with a Python program.

    Attributes:
        name: Name of the grader.
        source: Source text of the program.
        type: Always `python`.
        image_tag: Tag of the container image that the program runs in.
    """

    name: str
    source: str
    type: Literal["python"] = "python"
    image_tag: str | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.type = src["type"]
        self.name = src["name"]
        self.source = src["source"]
        self.image_tag = src["image_tag"]
