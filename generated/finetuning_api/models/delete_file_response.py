from __future__ import annotations

from typing import Any, Literal, Self

from attrs import define

from ..types import ApiObject


@define(repr=False)
class DeleteFileResponse(ApiObject):
    """The file that was deleted.

    Attributes:
        id: Id of the file.
        deleted: Whether it is deleted.
        object: Always `file`.
    """

    id: str
    deleted: bool
    object: Literal["file"] = "file"

    @classmethod
    def _read(cls, src: dict[str, Any]) -> Self:
        return cls(src["id"], src["deleted"], src["object"])
