from __future__ import annotations

from typing import Any, Literal

from attrs import define

from .. import models
from ..types import READ, UNSET, ApiObject, Members, Unset

_OpenAIFilePurpose = Members("OpenAIFilePurpose")
_UploadStatus = Members("UploadStatus")


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class Upload(ApiObject):
    """A file that is being sent in parts.

    Attributes:
        id: Id of the upload, `upload_…`.
        created_at: When the upload was opened, in Unix seconds.
        filename: Name of the file.
        bytes: Size of the whole file in bytes, as announced.
        purpose: Purpose of the file.
        status: State of the upload.
        expires_at: When a pending upload expires, in Unix seconds, an hour after it was opened.
        object: Always `upload`.
        file: The file that the upload became; null until the upload is completed.
    """

    id: str
    created_at: int
    filename: str
    bytes: int
    purpose: models.OpenAIFilePurpose
    status: models.UploadStatus
    expires_at: int
    object: Literal["upload"] | Unset = UNSET
    file: models.OpenAIFile | None | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.id = src["id"]
        self.object = src["object"]
        self.created_at = src["created_at"]
        self.filename = src["filename"]
        self.bytes = src["bytes"]
        self.purpose = _OpenAIFilePurpose[v] if type(v := src["purpose"]) is str else v
        self.status = _UploadStatus[v] if type(v := src["status"]) is str else v
        self.expires_at = src["expires_at"]
        self.file = READ["OpenAIFile"](v) if type(v := src["file"]) is dict else v
