from __future__ import annotations

from typing import Any, Literal, Self

from attrs import define

from ..types import ApiObject


@define(repr=False)
class UploadPart(ApiObject):
    """A part of an upload.

    Attributes:
        id: Id of the part, `part_…`.
        created_at: When the part was stored, in Unix seconds.
        upload_id: Id of the upload that it belongs to.
        object: Always `upload.part`.
    """

    id: str
    created_at: int
    upload_id: str
    object: Literal["upload.part"] = "upload.part"

    @classmethod
    def _read(cls, src: dict[str, Any]) -> Self:
        return cls(src["id"], src["created_at"], src["upload_id"], src["object"])
