from __future__ import annotations

from typing import Any, Literal

from attrs import define

from ..types import ApiObject


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
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

    def _fill(self, src: dict[str, Any]) -> None:
        self.id = src["id"]
        self.object = src["object"]
        self.created_at = src["created_at"]
        self.upload_id = src["upload_id"]
