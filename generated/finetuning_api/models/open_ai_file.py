from __future__ import annotations

from typing import Any, Literal

from attrs import define

from .. import models
from ..types import UNSET, ApiObject, Members, Unset, warn_deprecated

_OpenAIFilePurpose = Members("OpenAIFilePurpose")
_FileStatus = Members("FileStatus")


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class OpenAIFile(ApiObject):
    """A stored file.

    Attributes:
        id: Id of the file, `file-…`.
        created_at: When the file was stored, in Unix seconds.
        filename: Name of the file.
        purpose: Purpose of the file.
        object: Always `file`.
        bytes: Size of the file in bytes.
        expires_at: When the file will be deleted automatically, in Unix seconds.
        status: State of the file. Deprecated by the vendor, but still sent.
        status_details: Why the file is not usable. Deprecated; failures of training files are in the job's
            `error`.
    """

    id: str
    created_at: int
    filename: str
    purpose: models.OpenAIFilePurpose
    object: Literal["file"] = "file"
    bytes: int | None | Unset = UNSET
    expires_at: int | None | Unset = UNSET
    status: models.FileStatus | Unset = UNSET
    status_details: str | None | Unset = UNSET

    def __attrs_post_init__(self) -> None:
        warn_deprecated(self, "status", "status_details")

    def _fill(self, src: dict[str, Any]) -> None:
        self.id = src["id"]
        self.object = src["object"]
        self.bytes = src["bytes"]
        self.created_at = src["created_at"]
        self.expires_at = src["expires_at"]
        self.filename = src["filename"]
        self.purpose = _OpenAIFilePurpose[v] if type(v := src["purpose"]) is str else v
        self.status = _FileStatus[v] if type(v := src["status"]) is str else v
        self.status_details = src["status_details"]
