from __future__ import annotations

from typing import Any, Literal, Self

from attrs import define

from ..types import UNSET, ApiObject, Unset


@define(repr=False)
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

    @classmethod
    def _read(cls, src: dict[str, Any]) -> Self:
        return cls(src["name"], src["source"], src["type"], src["image_tag"])
