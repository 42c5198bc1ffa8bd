from __future__ import annotations

from typing import Any, Literal

from attrs import define

from ..types import UNSET, ApiObject, Unset, members


@define(repr=False)
class OpenAIFile(ApiObject):
    """A stored file.

    Attributes:
        id: Id of the file, `file-…`.
        created_at: When the file was stored, in Unix seconds.
        filename: Name of the file.
        purpose: What the file is for.
        object: Always `file`.
        bytes: Size of the file in bytes.
        expires_at: When the file will be deleted by itself, in Unix seconds.
        status: Whether the file is ready to use. Deprecated by the vendor, and still sent.
        status_details: Why the file is not usable. Deprecated; failures of training files are in the job's
            `error`.
    """

    id: str
    created_at: int
    filename: str
    purpose: OpenAIFilePurpose
    object: Literal["file"] = "file"
    bytes: int | None | Unset = UNSET
    expires_at: int | None | Unset = UNSET
    status: FileStatus | Unset = UNSET
    status_details: str | None | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.id = src["id"]
        self.created_at = src["created_at"]
        self.filename = src["filename"]
        self.purpose = _OpenAIFilePurpose[v] if type(v := src["purpose"]) is str else v
        self.object = src["object"]
        self.bytes = src["bytes"]
        self.expires_at = src["expires_at"]
        self.status = _FileStatus[v] if type(v := src["status"]) is str else v
        self.status_details = src["status_details"]


from .file_status import FileStatus
from .open_ai_file_purpose import OpenAIFilePurpose

_FileStatus = members(FileStatus)
_OpenAIFilePurpose = members(OpenAIFilePurpose)
