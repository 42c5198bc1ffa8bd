from __future__ import annotations

from typing import Any, Literal

from attrs import define

from ..types import UNSET, ApiObject, Unset, members


@define(repr=False)
class Upload(ApiObject):
    """A file that is being sent in parts.

    Attributes:
        id: Id of the upload, `upload_…`.
        created_at: When the upload was opened, in Unix seconds.
        filename: Name of the file.
        bytes: Size of the whole file in bytes, as announced.
        purpose: What the file is for.
        status: How far the upload is.
        expires_at: When a pending upload is dropped, in Unix seconds, an hour after it was opened.
        object: Always `upload`.
        file: The file that it became; null until it is completed.
    """

    id: str
    created_at: int
    filename: str
    bytes: int
    purpose: OpenAIFilePurpose
    status: UploadStatus
    expires_at: int
    object: Literal["upload"] | Unset = UNSET
    file: OpenAIFile | None | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.id = src["id"]
        self.created_at = src["created_at"]
        self.filename = src["filename"]
        self.bytes = src["bytes"]
        self.purpose = _OpenAIFilePurpose[v] if type(v := src["purpose"]) is str else v
        self.status = _UploadStatus[v] if type(v := src["status"]) is str else v
        self.expires_at = src["expires_at"]
        self.object = src["object"]
        self.file = OpenAIFile.from_dict(v) if type(v := src["file"]) is dict else v


from .open_ai_file import OpenAIFile
from .open_ai_file_purpose import OpenAIFilePurpose
from .upload_status import UploadStatus

_OpenAIFilePurpose = members(OpenAIFilePurpose)
_UploadStatus = members(UploadStatus)
