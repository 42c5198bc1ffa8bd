from __future__ import annotations

from typing import Any

from attrs import define

from .. import models
from ..types import READ, UNSET, ApiObject, Members, Unset

_UploadPurpose = Members("UploadPurpose")


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class CreateUploadRequest(ApiObject):
    """Description of the file to upload.

    Attributes:
        filename: Name of the file.
        purpose: Purpose of the file.
        bytes: Size of the whole file in bytes, at most 8 GB.
        mime_type: Media type of the file, one that suits its purpose; `text/jsonl` for training data.
        expires_after: When the file, once complete, is to be deleted automatically.
    """

    filename: str
    purpose: models.UploadPurpose
    bytes: int
    mime_type: str
    expires_after: models.FileExpirationAfter | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.filename = src["filename"]
        self.purpose = _UploadPurpose[v] if type(v := src["purpose"]) is str else v
        self.bytes = src["bytes"]
        self.mime_type = src["mime_type"]
        self.expires_after = READ["FileExpirationAfter"](v) if type(v := src["expires_after"]) is dict else v
